"""The number of requests that run at once, and how many may wait."""

from __future__ import annotations

from ..chat import Overloaded
from ..engines.weighted_semaphore import WeightedSemaphore


class Admission:
    """Lets `limit` requests run and at most `queue` wait in order of arrival; the rest are refused at once."""

    def __init__(self, limit: int, queue: int) -> None:
        self._places = WeightedSemaphore(limit)
        self._limit = limit
        self._queue = queue

    @property
    def inside(self) -> int:
        """Requests that run now."""
        return self._places.running

    @property
    def waiting(self) -> int:
        """Requests that wait for a place now."""
        return self._places.waiting

    async def enter(self) -> None:
        """Take a place, waiting for one if need be; raises `Overloaded` where the queue is full."""
        places = self._places
        if places.waiting >= self._queue and (places.waiting or places.running >= self._limit):
            raise Overloaded(
                f"The server is at its limit: {self.inside} requests at work, {self.waiting} waiting.",
                retry_after=1.0,
            )
        await places.enter(1)

    def leave(self) -> None:
        """Give the place to the next in line, or free it."""
        self._places.leave(1)
