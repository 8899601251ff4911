"""A fair gate: so many at a time, the longest waiting first."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque


class WeightedSemaphore:
    """A semaphore with weights that keeps the order of arrival.

    Nobody overtakes: a heavy request at the head is not starved by light ones behind it. Work that waits here costs
    the engine nothing, leaves at once when it is cancelled, and is not lost when the engine ends.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._free = capacity
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """The weight of those inside."""
        return self._capacity - self._free

    async def enter(self, weight: int) -> None:
        """Wait for `weight` places (1 to the capacity) and take them."""
        if not self._queue and weight <= self._free:
            self._free -= weight
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (weight, turn)
        self._queue.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(weight)  # let in and cancelled at the same moment
            else:
                with contextlib.suppress(ValueError):
                    self._queue.remove(entry)
                self._admit()
            raise

    def leave(self, weight: int) -> None:
        """Give the places back."""
        self._free += weight
        self._admit()

    def _admit(self) -> None:
        queue = self._queue
        while queue:
            weight, turn = queue[0]
            if not turn.done():
                if weight > self._free:
                    return
                self._free -= weight
                turn.set_result(None)
            # else its task is being cancelled, as where several that belong together end at once
            queue.popleft()
