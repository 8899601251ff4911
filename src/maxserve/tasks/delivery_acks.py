"""Batched writes of which results were delivered to their sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from sqlalchemy import Connection

from .background import BackgroundTasks
from .database_retry import RetryingDatabase
from .queue import Key, mark_delivered

log = logging.getLogger("maxserve.tasks")


class DeliveryAcks:
    """Collects acknowledgements while a write runs, then writes them together."""

    def __init__(self, retrying_database: RetryingDatabase, background_tasks: BackgroundTasks) -> None:
        self._database = retrying_database
        self._background_tasks = background_tasks
        self._writing: asyncio.Task[None] | None = None
        self.waiting: set[Key] = set()

    def add(self, keys: Iterable[Key]) -> None:
        """Mark these tasks."""
        self.waiting.update(keys)
        if self.waiting and (self._writing is None or self._writing.done()):
            self._writing = self._background_tasks.spawn(self._write())

    async def _write(self) -> None:
        while batch := frozenset(self.waiting):

            def step(connection: Connection, now: float, batch: frozenset[Key] = batch) -> None:
                mark_delivered(connection, batch, now)

            try:
                await self._database.write_with_retry(step)
            except Exception:
                log.exception("delivery acknowledgements could not be stored")
            self.waiting -= batch
