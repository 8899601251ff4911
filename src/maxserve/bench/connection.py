"""One kept-alive HTTP/1.1 connection that asks, times the answer, and asks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Protocol, cast

import httptools

from .answer import Answer


class Owner(Protocol):
    """Who uses a connection and hears of its answers."""

    def answered(self, connection: Connection, answer: Answer, end: float) -> None:
        """An answer is complete; the owner may ask again at once, or replace a connection that is not `alive`."""
        ...

    def lost(self, connection: Connection, answer: Answer | None, reason: str) -> None:
        """The connection ended by itself, inside `answer` or (None) between two."""
        ...


class Connection(asyncio.Protocol):
    """Parses answers as they are read; no task, no future and no copy per answer."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.WriteTransport | None = None
        self._parser: httptools.HttpResponseParser = httptools.HttpResponseParser(self)
        self._answer: Answer | None = None
        self._now = 0.0
        self.alive = False

    @property
    def answer(self) -> Answer | None:
        """The answer that is awaited or arriving."""
        return self._answer

    def ask(self, request: bytes, stream: bool) -> None:
        """Write a request; the owner hears of its answer."""
        assert self._transport is not None
        self._answer = Answer(stream, perf_counter())
        self._transport.write(request)

    def close(self) -> None:
        """End the connection without a word to its owner."""
        self.alive = False
        self._answer = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio)."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self.alive = True

    def data_received(self, data: bytes) -> None:
        """Parse what one read brought (asyncio)."""
        self._now = perf_counter()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._end(f"not HTTP/1.1: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner, unless it closed the connection itself (asyncio)."""
        if self.alive:
            self._end("the connection was reset" if exc else "the connection ended inside an answer")

    def on_headers_complete(self) -> None:
        """Note the status (httptools)."""
        if self._answer is not None:
            self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Pass on a piece of the body (httptools)."""
        if self._answer is not None:
            self._answer.feed(body, self._now)

    def on_message_complete(self) -> None:
        """Close the answer and let the owner ask again (httptools)."""
        answer = self._answer
        if answer is None or answer.status < 200:
            return
        self._answer = None
        answer.finish()
        if not self._parser.should_keep_alive():
            self.close()
        self._owner.answered(self, answer, self._now)

    def _end(self, reason: str) -> None:
        answer = self._answer
        self.close()
        self._owner.lost(self, answer, reason)


async def connect(
    factory: Callable[[], Connection], host: str, port: int, tls: bool, timeout_s: float = 10.0
) -> Connection:
    """Open a connection; raises `OSError` where nobody answers in time."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            _, connection = await loop.create_connection(factory, host, port, ssl=True if tls else None)
    except TimeoutError:
        raise OSError(f"{host}:{port} does not answer") from None
    return connection
