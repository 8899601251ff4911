"""Single requests to real receivers, good and bad ones, over HTTP and HTTPS."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator

import pytest
import trustme

from maxserve import __version__
from maxserve.webhooks.client import MOST_READ, DeliveryFailed, WebhookClient, WebhookResponse
from maxserve.webhooks.url_guard import UrlGuard
from tests.support.receiver import Receiver, answer, receiving

BODY = '{"taskType":"textInference","text":"grün"}'.encode()


def pointing(*addresses: str) -> UrlGuard:
    """A guard for which every name leads to these addresses of the loopback."""

    async def lookup(host: str, port: int) -> tuple[str, ...]:
        return addresses

    return UrlGuard(["loopback"], lookup=lookup)


LOOPBACK = pointing("127.0.0.1")


async def post(
    url: str, guard: UrlGuard = LOOPBACK, timeout_s: float = 10.0, tls: ssl.SSLContext | None = None
) -> WebhookResponse:
    return await WebhookClient(guard, timeout_s, tls=tls).post(guard.check(url), BODY, [(b"webhook-id", b"msg_1")])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def secure(authority: trustme.CA) -> AsyncIterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example.com").configure_cert(context)
    async with receiving(context) as running:
        yield running


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_what_is_sent_is_the_body_to_the_name(receiver: Receiver) -> None:
    assert await post(f"http://hooks.example.com:{receiver.port}/a?token=x") == WebhookResponse(200)
    (request,) = receiver.requests
    assert request.path == "/a?token=x"
    assert request.body == BODY
    assert request.headers == {
        "host": f"hooks.example.com:{receiver.port}",
        "user-agent": f"maxserve/{__version__}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "msg_1",
    }


async def test_proxies_of_the_environment_are_not_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await post(f"http://hooks.example.com:{receiver.port}/")).status == 200


@pytest.mark.parametrize("status", [200, 202, 204, 400, 404, 410, 429, 500, 503])
async def test_the_status_is_told_as_it_came(receiver: Receiver, status: int) -> None:
    receiver.otherwise = answer(status, retry_after="7")
    assert await post(f"{receiver.url}/") == WebhookResponse(status, "7")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    receiver.otherwise = answer(status, location=f"{receiver.url}/elsewhere")
    assert (await post(f"{receiver.url}/")).status == status
    assert [request.path for request in receiver.requests] == ["/"]


async def test_an_interim_answer_is_none_and_a_switch_of_protocols_is_no_success(receiver: Receiver) -> None:
    receiver.answers = [b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer(204), b"HTTP/1.1 101 Switch\r\n\r\n"]
    assert (await post(f"{receiver.url}/")).status == 204
    with pytest.raises(DeliveryFailed, match="The answer is not HTTP"):
        await post(f"{receiver.url}/")


async def test_of_an_endless_body_little_is_read(receiver: Receiver) -> None:
    written = 0

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            written += 1024
            await writer.drain()

    receiver.otherwise = pour
    began = asyncio.get_running_loop().time()
    assert (await post(f"{receiver.url}/")).status == 200
    assert asyncio.get_running_loop().time() - began < 5
    assert written > MOST_READ  # and what the sockets hold besides: the receiver was cut off, not waited for


async def test_a_body_that_drips_ends_with_the_time_and_the_status_counts(receiver: Receiver) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
        await receiver.silence(reader, writer)

    receiver.otherwise = drip
    assert (await post(f"{receiver.url}/", timeout_s=0.3)).status == 200


@pytest.mark.parametrize("status", [200, 500])
async def test_a_body_that_breaks_changes_nothing(receiver: Receiver, status: int) -> None:
    async def stop(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 100\r\n\r\nx" % status)

    receiver.otherwise = stop
    assert (await post(f"{receiver.url}/")).status == status


async def test_a_compressed_body_is_never_unpacked(receiver: Receiver) -> None:
    receiver.otherwise = answer(200, gzip.compress(bytes(100_000_000), 9)[:60_000], content_encoding="gzip")
    assert (await post(f"{receiver.url}/")).status == 200


async def test_a_silent_receiver_costs_no_more_than_the_timeout(receiver: Receiver) -> None:
    receiver.otherwise = receiver.silence
    with pytest.raises(DeliveryFailed, match=r"^No answer came within 0.2 s\.$"):
        await post(f"{receiver.url}/", timeout_s=0.2)


async def test_a_head_that_drips_costs_no_more_than_the_timeout(receiver: Receiver) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not receiver.over.is_set():
            writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    receiver.otherwise = drip
    with pytest.raises(DeliveryFailed, match=r"No answer came within 0.3 s\."):
        await post(f"{receiver.url}/", timeout_s=0.3)


async def test_a_slow_name_server_costs_no_more_than_the_timeout() -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        await asyncio.sleep(60)
        raise AssertionError

    with pytest.raises(DeliveryFailed, match="No answer came within"):
        await post("http://hooks.example.com/", UrlGuard(lookup=lookup), timeout_s=0.1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "The connection ended before an answer came."),
        (b"HTTP/1.1 200", "The connection ended before an answer came."),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "The answer is not HTTP."),
        (b"HTTP/1.1 OK\r\n\r\n", "The answer is not HTTP."),
        (b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n", "The answer is not HTTP."),
    ],
    ids=["nothing", "half", "ssh", "no status", "endless head"],
)
async def test_what_is_no_answer_is_told_in_a_sentence(receiver: Receiver, said: bytes, why: str) -> None:
    receiver.otherwise = said
    with pytest.raises(DeliveryFailed) as told:
        await post(f"{receiver.url}/")
    assert str(told.value) == why


async def test_a_reset_is_no_answer(receiver: Receiver) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    receiver.otherwise = reset
    with pytest.raises(DeliveryFailed, match=r"^The connection ended before an answer came\.$"):
        await post(f"{receiver.url}/")


async def test_a_closed_port_and_a_forbidden_name_are_told_apart(receiver: Receiver) -> None:
    async with receiving() as gone:
        port = gone.port
    with pytest.raises(DeliveryFailed, match=r"^No connection could be made\.$"):
        await post(f"http://hooks.example.com:{port}/")
    with pytest.raises(DeliveryFailed, match="leads to a private address"):
        await post(f"http://hooks.example.com:{receiver.port}/", pointing("127.0.0.1", "10.0.0.1"))
    assert not receiver.requests


async def test_a_name_is_looked_up_once_per_attempt_and_the_judged_address_is_called(receiver: Receiver) -> None:
    """A name server that changes its mind right after the judgement reaches nobody."""
    asked = 0

    async def lookup(host: str, port: int) -> tuple[str, ...]:
        nonlocal asked
        asked += 1
        return ("127.0.0.1",) if asked % 2 else ("169.254.169.254",)

    guard = UrlGuard(["loopback"], lookup=lookup)
    url = f"http://rebinding.example:{receiver.port}/"
    for _ in range(2):
        assert (await post(url, guard)).status == 200
        with pytest.raises(DeliveryFailed, match="leads to a link-local address"):
            await post(url, guard)
    assert asked == 4
    assert [request.headers["host"] for request in receiver.requests] == [f"rebinding.example:{receiver.port}"] * 2


async def test_the_next_address_is_tried_where_one_does_not_answer(receiver: Receiver) -> None:
    """The receiver listens on 127.0.0.1 alone."""
    guard = pointing("::1", "127.0.0.2", "127.0.0.1")
    assert (await post(f"http://hooks.example.com:{receiver.port}/", guard)).status == 200
    with pytest.raises(DeliveryFailed, match="No connection"):
        await post(
            f"http://hooks.example.com:{receiver.port}/", pointing("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1")
        )


async def test_certificates_are_checked_against_the_name_and_not_the_address(
    secure: Receiver, trusting: ssl.SSLContext
) -> None:
    trusted = f"https://hooks.example.com:{secure.port}/a"
    assert (await post(trusted, tls=trusting)).status == 200
    assert secure.requests[0].headers["host"] == f"hooks.example.com:{secure.port}"
    assert secure.requests[0].body == BODY
    with pytest.raises(DeliveryFailed, match=r"^The receiver's certificate is not accepted: Hostname mismatch"):
        await post(f"https://other.example.com:{secure.port}/", tls=trusting)
    with pytest.raises(DeliveryFailed, match=r"^The receiver's certificate is not accepted: IP address mismatch"):
        await post(f"https://127.0.0.1:{secure.port}/", tls=trusting)
    with pytest.raises(DeliveryFailed, match=r"^The receiver's certificate is not accepted: "):
        await post(trusted)  # the system knows nothing of this authority
    assert len(secure.requests) == 1


async def test_the_name_is_told_in_the_handshake(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example.com").configure_cert(context)
    context.sni_callback = lambda _, name, __: names.append(name)  # type: ignore[assignment]
    async with receiving(context) as receiver:
        await post(f"https://hooks.example.com:{receiver.port}/", tls=trusting)
    assert names == ["hooks.example.com"]


async def test_a_handshake_with_something_else_fails_in_time_and_is_hung_up(
    receiver: Receiver, trusting: ssl.SSLContext
) -> None:
    """The receiver waits for the end of a request that looks like none: it sees that the connection ends."""
    with pytest.raises(DeliveryFailed, match=r"No answer came within 0.3 s\."):
        await post(f"https://hooks.example.com:{receiver.port}/", tls=trusting, timeout_s=0.3)
    await asyncio.wait_for(asyncio.gather(*receiver.serving), 10)

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeliveryFailed, match=r"^No secure connection could be made\.$"):
            await post(f"https://hooks.example.com:{port}/", tls=trusting)


async def test_it_is_known_when_the_request_is_out_and_the_answer_is_not_read(receiver: Receiver) -> None:
    seen: list[int] = []
    receiver.otherwise = answer(500)
    poster = WebhookClient(LOOPBACK, 10.0)
    await poster.post(LOOPBACK.check(receiver.url), BODY, on_sent=lambda: seen.append(len(receiver.requests)))
    assert len(seen) == 1
