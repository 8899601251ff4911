"""One HTTP/1.1 connection to an engine: the protocol at the bottom of every token's way.

TransportError
├── ConnectFailed    nobody answers there
├── Disconnected     the other side went away before the response was complete
├── TimedOut         no byte of a response in time
└── BadResponse      what came is not HTTP
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import httptools

HIGH_WATER = 256 * 1024
"""Bytes that may wait for a slow reader before the socket is no longer read."""


class TransportError(Exception):
    """The exchange with the server failed below HTTP."""


class ConnectFailed(TransportError):
    """No connection could be made."""


class Disconnected(TransportError):
    """The connection ended before the response did; `answered` is False where no byte of a response had come."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class TimedOut(TransportError):
    """The server took too long."""


class BadResponse(TransportError):
    """The server's bytes are not an HTTP response."""


class Connection(asyncio.Protocol):
    """Sends one request at a time and collects the response until somebody reads it.

    There is no task and no queue per token: `data_received` parses, adds to a list, and wakes the one reader if it
    waits. While nobody reads, bytes accumulate up to `HIGH_WATER`; then the socket is paused, so that a slow reader
    slows the server down instead of filling memory.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        # The parser calls `list.append` itself: no Python frame per chunk of a chunked body.
        self.on_body = self._parts.append
        self._parser: Any = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._error: TransportError | None = None
        self._waiting_bytes = 0
        self._paused = False
        self._framed = False
        self._lost = False
        self._answered = False
        self._begin()

    def _begin(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.head_done = False
        self.done = False
        self.keep_alive = False
        self._framed = False
        self._answered = False
        self._parts.clear()
        self._waiting_bytes = 0

    @property
    def usable(self) -> bool:
        """Whether another request can be sent: the last response is complete and nobody hung up."""
        return not self._lost and self._error is None and self.done == self.keep_alive

    def send(self, request: bytes) -> None:
        """Write one whole request; the response's state begins anew."""
        self._begin()
        if self._transport is None or self._lost:
            raise Disconnected("The connection was closed.", answered=False)
        self._transport.write(request)

    async def head(self, timeout: float | None) -> None:
        """Wait until status and headers are there; raises `TimedOut`, `Disconnected`, `BadResponse`."""
        if timeout is None:
            while not self.head_done:
                await self._wait()
            return
        # One handle: an asyncio.timeout costs several times as much, and this is on every request's way.
        timer = self._loop.call_later(timeout, self._late, timeout)
        try:
            while not self.head_done:
                await self._wait()
        finally:
            timer.cancel()

    async def read(self) -> bytes:
        """Return all body bytes that came since the last read, waiting for some; b"" at the response's end."""
        parts = self._parts
        while not parts:
            if self.done:
                return b""
            await self._wait()
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._waiting_bytes = 0
        if self._paused:
            self._paused = False
            if self._transport is not None and not self._lost:
                self._transport.resume_reading()
        return data

    def close(self) -> None:
        """Hang up at once; what was not sent or read is lost."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        waiter = self._waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came and wake the reader; stop reading the socket where too much waits for it."""
        self._answered = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(BadResponse(f"The server's answer is not HTTP: {error}"))
            self.close()
            return
        self._waiting_bytes += len(data)
        if self._waiting_bytes > HIGH_WATER and not self._paused and not self.done:
            self._paused = True
            cast(asyncio.Transport, self._transport).pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the response: well where it has no length of its own, with `Disconnected` where it is not complete."""
        self._lost = True
        if self.head_done and not self.done and not self._framed and exc is None:
            self.done = True  # neither a length nor chunks: the end of the connection is the end of the body
        if not self.done:
            why = f": {exc}" if exc is not None else "."
            self._fail(Disconnected(f"The server closed the connection{why}", answered=self._answered))
        # Parser and connection hold each other: let go, or both are left to the garbage collector.
        self._parser = None
        self._wake()

    def _late(self, timeout: float) -> None:
        self._fail(TimedOut(f"No answer within {timeout:g} s."))

    def _fail(self, error: TransportError) -> None:
        if self._error is None:
            self._error = error
        self._wake()

    # httptools' side

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header, its name in lower case."""
        key = name.decode("latin-1").lower()
        self.headers[key] = value.decode("latin-1")
        if key in ("content-length", "transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        """Note the status; interim responses (1xx) are passed over."""
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self.head_done = True
        else:
            self.headers.clear()

    def on_message_complete(self) -> None:
        """Note the response's end and whether the connection lives on."""
        if self.head_done:
            self.done = True
            self.keep_alive = self._parser.should_keep_alive()
