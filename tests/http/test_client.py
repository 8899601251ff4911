"""The HTTP client against servers that behave and that do not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from maxserve.http.address import Address
from maxserve.http.client import Client, EventStream
from maxserve.http.connection import (
    HIGH_WATER,
    BadResponse,
    ConnectFailed,
    Connection,
    Disconnected,
    TimedOut,
)

Serve = Callable[["Peer"], Awaitable[None]]
NUMBERS = msgspec.json.Decoder(list[int])


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def request(self) -> tuple[str, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        return head, await self.reader.readexactly(length)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes, extra: str = "", status: str = "200 OK") -> None:
        await self.send(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body)


class Server:
    """A server over a Unix socket; `connections` counts those that were made."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.connections = 0
        self.over = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self.serve(Peer(reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.over.set()


@asynccontextmanager
async def served(folder: Path, serve: Serve, **options: float) -> AsyncIterator[tuple[Client, Server]]:
    path = folder / "s.sock"
    server = Server(serve)
    running = await asyncio.start_unix_server(server, path)
    client = Client(Address(socket=str(path)), headers={"x-test": "1"}, **options)
    try:
        yield client, server
    finally:
        await client.close()
        running.close()


async def test_connections_are_kept_and_used_again(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            await peer.answer(head.split(" ")[1].encode() + b" " + body)

    async with served(tmp_path, serve) as (client, server):
        for number in range(5):
            response = await client.request("POST", f"/n{number}", b"%d" % number)
            assert response.body == b"/n%d %d" % (number, number)
        assert server.connections == 1
        both = await asyncio.gather(client.request("GET", "/a"), client.request("GET", "/b"))
        assert [response.body for response in both] == [b"/a ", b"/b "]
        assert server.connections == 2


async def test_the_request_says_what_it_should(tmp_path: Path) -> None:
    heads = []

    async def serve(peer: Peer) -> None:
        heads.append((await peer.request())[0])
        await peer.answer(b"")

    async with served(tmp_path, serve) as (client, _):
        await client.request("POST", "/p?q=1", b"{}")
    lines = heads[0].rstrip().split("\r\n")
    assert lines[0] == "POST /p?q=1 HTTP/1.1"
    assert sorted(lines[1:]) == ["content-length: 2", "content-type: application/json", "host: localhost", "x-test: 1"]


async def test_a_kept_connection_that_was_closed_is_replaced(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"once")  # and hang up without a word

    async with served(tmp_path, serve) as (client, server):
        for _ in range(3):
            assert (await client.request("GET", "/")).body == b"once"
        assert server.connections == 3


async def test_a_kept_connection_that_closes_on_the_next_request_is_replaced(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"once")
        await peer.request()  # the second one gets no answer

    async with served(tmp_path, serve) as (client, server):
        for _ in range(3):
            assert (await client.request("POST", "/", b"x")).body == b"once"
        assert server.connections == 3


async def test_connection_close_is_obeyed(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"bye", "Connection: close\r\n")
        await peer.reader.read()

    async with served(tmp_path, serve) as (client, server):
        await client.request("GET", "/")
        await client.request("GET", "/")
        assert server.connections == 2


async def test_a_body_without_length_ends_with_its_connection(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\npart one, ")
        await peer.send(b"part two")

    async with served(tmp_path, serve) as (client, _):
        assert (await client.request("GET", "/")).body == b"part one, part two"


async def test_interim_responses_are_passed_over(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 103 Early Hints\r\nx-hint: 1\r\n\r\n")
        await peer.answer(b"real", "X-Real: 2\r\n")

    async with served(tmp_path, serve) as (client, _):
        response = await client.request("GET", "/")
        assert (response.status, response.body) == (200, b"real")
        assert response.headers == {"content-length": "4", "x-real": "2"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", Disconnected),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Disconnected),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", Disconnected),
        (b"HTTP/1.1 200 O", Disconnected),
        (b"SSH-2.0-OpenSSH_9.9\r\n", BadResponse),
    ],
)
async def test_broken_answers(tmp_path: Path, answer: bytes, error: type[Exception]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    async with served(tmp_path, serve) as (client, _):
        with pytest.raises(error):
            await client.request("GET", "/")


async def test_timeouts(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        head, _ = await peer.request()
        if "slow" in head:
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        await peer.reader.read()

    async with served(tmp_path, serve, first_byte_timeout=0.05) as (client, server):
        with pytest.raises(TimedOut, match=r"within 0\.05 s"):
            await client.request("GET", "/silent")
        await server.over.wait()  # the wait given up is a connection hung up
        with pytest.raises(TimedOut, match="No whole answer"):
            await client.request("GET", "/slow", timeout=0.05)


async def test_nobody_there(tmp_path: Path) -> None:
    client = Client(Address(socket=str(tmp_path / "none.sock")))
    with pytest.raises(ConnectFailed, match="No such file"):
        await client.request("GET", "/")
    await client.close()
    with pytest.raises(ConnectFailed, match="closed"):
        await client.request("GET", "/")


async def test_leaving_early_hangs_up(tmp_path: Path) -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
        assert await peer.reader.read() == b""

    async with served(tmp_path, serve) as (client, server):
        async with await client.open("GET", "/") as exchange:
            assert await EventStream(exchange, NUMBERS).read() == [1]
        await server.over.wait()
        exchange.close()


async def test_a_slow_reader_slows_the_server_down(tmp_path: Path) -> None:
    size = 16 * 1024 * 1024
    sent = 0

    async def serve(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(256):
            await peer.send(b"x" * (size // 256))
            sent += size // 256

    async with served(tmp_path, serve) as (client, server):
        exchange = await client.open("GET", "/")
        before = -1
        while sent != before:  # until nothing moves any more over many turns of the loop
            before = sent
            for _ in range(200):
                await asyncio.sleep(0)
        assert HIGH_WATER <= sent < 8 * HIGH_WATER
        assert not server.over.is_set()
        async with exchange:
            assert len(await exchange.body()) == size
        await server.over.wait()
        assert sent == size


async def test_events_of_one_read_come_together(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await peer.send(b"".join(b"b\r\ndata: %d\n\n\r\n" % number for number in (111, 222, 333)))
        await go_on.wait()
        await peer.send(b"4\r\ndata\r\n7\r\n: 444\n\n\r\n0\r\n\r\n")

    async with served(tmp_path, serve) as (client, _), await client.open("GET", "/") as exchange:
        events = EventStream(exchange, NUMBERS)
        assert await events.read() == [111, 222, 333]
        go_on.set()
        assert await events.read() == [444]
        assert await events.read() == []


async def test_a_cancelled_reader_can_be_followed_by_another(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        await go_on.wait()
        await peer.send(b"late")

    async with served(tmp_path, serve) as (client, _), await client.open("GET", "/") as exchange:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await exchange.read()
        go_on.set()
        assert await exchange.body() == b"late"


async def test_tls_is_verified(tmp_path: Path) -> None:
    here = Path(__file__).parent
    certificate, key = here / "localhost.pem", here / "localhost.key"
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        await peer.request()
        await peer.answer(b"safe")
        writer.close()

    running = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_side)
    port = running.sockets[0].getsockname()[1]
    address = Address.parse(f"https://localhost:{port}/base")
    trusting = Client(address, tls=ssl.create_default_context(cafile=str(certificate)))
    wary = Client(address)
    try:
        assert (await trusting.request("GET", "/")).body == b"safe"
        with pytest.raises(ConnectFailed, match="certificate"):
            await wary.request("GET", "/")
    finally:
        await trusting.close()
        await wary.close()
        running.close()


def test_headers_cannot_be_smuggled() -> None:
    with pytest.raises(ValueError, match="line break"):
        Client(Address(), headers={"authorization": "Bearer a\r\nx: y"})


async def test_a_connection_that_was_never_made_sends_nothing() -> None:
    with pytest.raises(Disconnected):
        Connection().send(b"GET / HTTP/1.1\r\n\r\n")
