"""Batched look-ups: tasks that are asked for at the same time are read by one query."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from .database_retry import RetryingDatabase
from .queries import find
from .queue import Key
from .task import Task


class _Batch:
    """What the next read is for. `found` is shared by all who wait for it."""

    def __init__(self) -> None:
        self.wanted: defaultdict[str, set[str]] = defaultdict(set)
        self.found: asyncio.Future[dict[Key, Task]] = asyncio.get_running_loop().create_future()
        self.found.add_done_callback(lambda found: found.cancelled() or found.exception())  # nobody may be left to ask

    def read(self, connection: Connection, now: float) -> dict[Key, Task]:
        """Find everything; reads only."""
        found: dict[Key, Task] = {}
        for owner, ids in self.wanted.items():
            found |= {(owner, task.id): task for task in find(connection, owner, list(ids)).values()}
        return found


class LookupBatcher:
    """Reads one batch after the other; each holds what was asked for during the one before.

    Hundreds of clients poll; a read of its own for each would keep the threads of the database busy with little else.
    Nobody is answered from a read that had begun before they asked: it may not know what they know.
    """

    def __init__(self, retrying_database: RetryingDatabase) -> None:
        self._database = retrying_database
        self._next: _Batch | None = None
        self._reading: asyncio.Task[None] | None = None

    async def find(self, owner: str, ids: Sequence[str]) -> dict[str, Task]:
        """Return an owner's tasks by their ids; those that are not known are not there. Raises `StoreUnavailable`."""
        if self._next is None:
            self._next = _Batch()
        batch = self._next
        batch.wanted[owner].update(ids)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        found = await asyncio.shield(batch.found)
        return {one: found[owner, one] for one in ids if (owner, one) in found}

    async def _read(self) -> None:
        while self._next is not None:
            batch, self._next = self._next, None
            try:
                batch.found.set_result(await self._database.read(batch.read))
            except BaseException as error:
                batch.found.set_exception(error)
                if not isinstance(error, Exception):
                    raise
