"""A server-sent-event response with keep-alive frames."""

from __future__ import annotations

import asyncio

from ..apis.adapter import Headers
from .exchange import Exchange

_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Writes frames; sends the headers with the first of them, so that an early error keeps its own status.

    After `interval` seconds of silence the dialect's own sign of life goes out, as proxies cut silent connections. One
    timer per stream and interval, nothing per frame.
    """

    __slots__ = ("_comment", "_exchange", "_headers", "_interval", "_keep_alive", "_last", "_loop", "_timer", "open")

    def __init__(self, exchange: Exchange, headers: Headers, interval: float) -> None:
        self.open = False
        self._exchange = exchange
        self._headers = _HEADERS + headers
        self._interval = interval
        self._keep_alive = exchange.adapter.keep_alive
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._comment: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(interval, self._tick)

    @property
    def silence(self) -> float:
        """Seconds since the last frame."""
        return self._loop.time() - self._last

    async def write(self, data: bytes) -> None:
        """Send frames; waits where the client reads too slowly."""
        if not self.open:
            self.open = True
            await self._exchange.start(200, self._headers)
        self._last = self._loop.time()
        await self._exchange.send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self, data: bytes = b"") -> None:
        """Send the last frames and end the answer."""
        self.close()
        if not self.open:
            self.open = True
            await self._exchange.start(200, self._headers)
        await self._exchange.send({"type": "http.response.body", "body": data})

    def close(self) -> None:
        """Stop the timer; safe to call twice."""
        self._timer.cancel()
        if self._comment is not None:
            self._comment.cancel()

    def _tick(self) -> None:
        rest = self._interval - self.silence
        if rest <= 0:
            if self._comment is None or self._comment.done():
                self._comment = self._loop.create_task(self.write(self._keep_alive))
            rest = self._interval
        self._timer = self._loop.call_later(rest, self._tick)
