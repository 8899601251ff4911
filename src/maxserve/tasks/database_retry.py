"""The worker's view of the database: with its clock, and with retries while it is unavailable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection

from ..store import StoreUnavailable
from ..store.clock import Now
from ..store.database import Database

log = logging.getLogger("maxserve.tasks")

T = TypeVar("T")

Step = Callable[[Connection, float], T]
"""Works in one transaction; the number is the time."""

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
TRIES = 3
"""How often a write is made that fails for another reason than a database that is away."""


class RetryingDatabase:
    """Reads and writes, each step with the current time."""

    def __init__(self, database: Database, clock: Now) -> None:
        self._database = database
        self._clock = clock
        self._away = False
        self._closed = asyncio.Event()

    async def read(self, step: Step[T]) -> T:
        """Run a step that only reads; raises what it raises, and `StoreUnavailable`."""
        return await self._call(self._database.read, step)

    async def write(self, step: Step[T]) -> T:
        """Run a step and commit; raises what it raises, and `StoreUnavailable`."""
        return await self._call(self._database.write, step)

    async def write_with_retry(self, step: Step[T]) -> T:
        """Run a step and commit, however long the database is away.

        Raises `StoreUnavailable` once this ledger is closed, and what the step raises again and again.
        """
        pause, failures = FIRST_PAUSE_S, 0
        while True:
            try:
                return await self.write(step)
            except StoreUnavailable:
                if self._closed.is_set():
                    raise
            except Exception:
                failures += 1
                if failures == TRIES or self._closed.is_set():
                    raise
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._closed.wait()
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def close(self) -> None:
        """Insist on nothing any more."""
        self._closed.set()

    async def _call(self, road: Callable[[Callable[[Connection], T]], Awaitable[T]], step: Step[T]) -> T:
        away = self._away
        try:
            result = await road(lambda connection: step(connection, self._clock(connection)))
        except StoreUnavailable as error:
            if not self._away and not self._closed.is_set():
                log.warning("database unavailable, tasks wait: %s", error)
            self._away = True
            raise
        if away and self._away:  # begun since: not one that was on its way when it went
            self._away = False
            log.warning("database available again, tasks continue")
        return result
