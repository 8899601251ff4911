"""How many requests work at once, and how many may wait."""

from __future__ import annotations

import asyncio
from collections import deque

from ..chat import Overloaded


class Admission:
    """A fair gate: `limit` requests inside, at most `queue` waiting in order of arrival, the rest refused at once."""

    def __init__(self, limit: int, queue: int) -> None:
        self._limit = limit
        self._queue = queue
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def inside(self) -> int:
        """Requests at work now."""
        return self._inside

    @property
    def waiting(self) -> int:
        """Requests that wait for a place now."""
        return len(self._waiting)

    async def enter(self) -> None:
        """Take a place, waiting for one if need be; raises `Overloaded` where the queue is full."""
        if self._inside < self._limit and not self._waiting:
            self._inside += 1
            return
        if len(self._waiting) >= self._queue:
            raise Overloaded(
                f"The server is at its limit: {self._inside} requests at work, {len(self._waiting)} waiting.",
                retry_after=1.0,
            )
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # the place was handed over in the same tick: pass it on
            else:
                self._waiting.remove(place)
            raise

    def leave(self) -> None:
        """Give the place to the next in line, or free it."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._inside -= 1
