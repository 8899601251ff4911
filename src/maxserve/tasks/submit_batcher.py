"""Batched submission: tasks that arrive together share one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection

from ..chat import Error
from ..store import StoreUnavailable
from . import queue
from .database_retry import RetryingDatabase
from .task import NewTask, TaskConflict

Answer = TaskConflict | Error | None
"""Why a task was not accepted; None = it is."""

MOST = 500
"""Tasks of one commit, unless they came in one piece."""


class _Batch:
    """The tasks of the next commit, and the callers that wait for it."""

    def __init__(self) -> None:
        self.new_tasks: list[NewTask] = []
        self.waiting: list[tuple[slice, asyncio.Future[list[Answer]]]] = []


class SubmitBatcher:
    """Writes one batch after the other; each holds what arrived during the one before.

    A commit waits for the disk, and on PostgreSQL those of one owner for each other: each alone, tasks would be taken
    no faster than the disk turns.
    """

    def __init__(self, retrying_database: RetryingDatabase, max_queued: int) -> None:
        self._database = retrying_database
        self._max_queued = max_queued
        self._batches: list[_Batch] = []
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, new_tasks: Sequence[NewTask]) -> list[Answer]:
        """Accept tasks, all in one commit; raises `StoreUnavailable`: then it is not known whether they were."""
        if not self._batches or len(self._batches[-1].new_tasks) + len(new_tasks) > MOST:
            self._batches.append(_Batch())
        batch = self._batches[-1]
        answers: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        batch.waiting.append((slice(len(batch.new_tasks), len(batch.new_tasks) + len(new_tasks)), answers))
        batch.new_tasks += new_tasks
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await answers

    async def _write(self) -> None:
        while self._batches:
            batch = self._batches.pop(0)
            try:
                found = await self._accept(batch.new_tasks)
            except StoreUnavailable as error:
                _fail(batch, error)
            except Exception as error:
                if len(batch.waiting) == 1:
                    _fail(batch, error)
                else:
                    await self._apart(batch)
            else:
                for part, answers in batch.waiting:
                    if not answers.done():  # whoever went away has left the task with us
                        answers.set_result(found[part])

    async def _apart(self, batch: _Batch) -> None:
        """Accept a batch again, each piece by itself: what the database refuses of one harms no other."""
        for part, answers in batch.waiting:
            try:
                found = await self._accept(batch.new_tasks[part])
            except Exception as error:
                if not answers.done():
                    answers.set_exception(error)
            else:
                if not answers.done():
                    answers.set_result(found)

    async def _accept(self, new_tasks: Sequence[NewTask]) -> list[Answer]:
        def step(connection: Connection, now: float) -> list[Answer]:
            return queue.submit(connection, new_tasks, now, self._max_queued)

        return await self._database.write(step)


def _fail(batch: _Batch, error: Exception) -> None:
    for _, answers in batch.waiting:
        if not answers.done():
            answers.set_exception(error)
