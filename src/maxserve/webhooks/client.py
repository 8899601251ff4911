"""POSTs one webhook delivery to the checked IP address over a fresh connection, within `timeout_s`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import httpcore2
import msgspec

from .. import __version__
from .url_guard import Target, UrlGuard, UrlRefused

MOST_READ = 16 * 1024
"""Bytes of an answer's body that are read, so that its sender sees an orderly end; nobody looks at them."""
TRIED = 3
"""Addresses of one name that are tried."""
_SENT = "http11.receive_response_headers.started"


class DeliveryFailed(Exception):
    """No response came; the message says why, without the IP address behind a name."""


class WebhookResponse(msgspec.Struct, frozen=True):
    """The response of a receiver; `retry_after` is its header as sent."""

    status: int
    retry_after: str | None = None


class WebhookClient:
    """Sends requests: no proxy, no redirects, no connection reuse, no compressed responses.

    A whole attempt, names and certificates included, takes at most `timeout_s`. `tls` says which certificates are
    trusted; None = the system's, or those of SSL_CERT_FILE. They are checked against the name, whatever the address.
    """

    def __init__(self, guard: UrlGuard, timeout_s: float, *, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._tls = tls

    async def post(
        self,
        target: Target,
        body: bytes,
        headers: Iterable[tuple[bytes, bytes]] = (),
        *,
        on_sent: Callable[[], None] = lambda: None,
    ) -> WebhookResponse:
        """Send JSON and return the answer; raises `DeliveryFailed`. `on_sent` is called before the answer is read."""
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        road: _Pinned | None = None
        try:
            async with asyncio.timeout_at(deadline):
                road = _Pinned((await self._guard.resolve(target.host, target.port))[:TRIED], self._timeout_s)
                if target.tls and self._tls is None:  # reading the system's certificates takes a while
                    self._tls = await asyncio.to_thread(httpcore2.default_ssl_context)
                connection = httpcore2.AsyncHTTPConnection(
                    httpcore2.Origin(_scheme(target), target.host.encode(), target.port),
                    ssl_context=self._tls if target.tls else None,
                    network_backend=road,
                )
                response = await connection.handle_async_request(_request(target, body, headers, on_sent))
            # The status is the answer: what happens to the rest of it changes nothing.
            with contextlib.suppress(TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError):
                async with asyncio.timeout_at(deadline):
                    await _drain(response)
            return WebhookResponse(response.status, _header(response, b"retry-after"))
        except TimeoutError:
            raise DeliveryFailed(f"No answer came within {self._timeout_s:g} s.") from None
        except UrlRefused as error:
            raise DeliveryFailed(str(error)) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException) as error:
            raise DeliveryFailed(_reason(error)) from error
        finally:
            if road is not None:
                await road.close()


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the checked addresses, whatever name is asked for."""

    def __init__(self, addresses: Sequence[str], timeout_s: float) -> None:
        self._addresses = addresses
        self._share_s = timeout_s / len(addresses)
        self._backend = httpcore2.AnyIOBackend()
        self._stream: httpcore2.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address that answers."""
        *others, last = self._addresses
        for address in others:
            with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                self._stream = await self._backend.connect_tcp(address, port, self._share_s)
                return self._stream
        self._stream = await self._backend.connect_tcp(last, port)
        return self._stream

    async def close(self) -> None:
        """Hang up, wherever the exchange stands: a handshake that is cut short does not close its connection."""
        if self._stream is not None:
            with contextlib.suppress(httpcore2.NetworkError, OSError):
                await self._stream.aclose()

    async def connect_unix_socket(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise httpcore2.ConnectError("webhooks go over TCP")

    async def sleep(self, seconds: float) -> None:
        """Wait; nothing here is tried twice."""
        await asyncio.sleep(seconds)


def _request(
    target: Target, body: bytes, headers: Iterable[tuple[bytes, bytes]], on_sent: Callable[[], None]
) -> httpcore2.Request:
    async def trace(event: str, info: dict[str, Any]) -> None:
        if event == _SENT:
            on_sent()

    return httpcore2.Request(
        b"POST",
        httpcore2.URL(scheme=_scheme(target), host=target.host, port=target.port, target=target.path),
        headers=[
            (b"host", target.authority.encode()),
            (b"user-agent", b"maxserve/" + __version__.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"accept-encoding", b"identity"),
            (b"connection", b"close"),
            *headers,
        ],
        content=body,
        extensions={"trace": trace},
    )


def _scheme(target: Target) -> bytes:
    return b"https" if target.tls else b"http"


async def _drain(response: httpcore2.Response) -> None:
    read = 0
    async with contextlib.aclosing(response.aiter_stream()) as parts:
        async for part in parts:
            read += len(part)
            if read >= MOST_READ:
                return


def _header(response: httpcore2.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), None)


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The receiver's certificate is not accepted: {cause.verify_message.rstrip('.')}."
        if isinstance(cause, ssl.SSLError):
            return "No secure connection could be made."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return "No connection could be made."
    if isinstance(error, httpcore2.RemoteProtocolError) and "disconnected" not in str(error):
        return "The answer is not HTTP."
    return "The connection ended before an answer came."
