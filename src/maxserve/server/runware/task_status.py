"""The state of tasks: getResponse, getTaskDetails, and sessions that reconnect."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ...apis.runware import (
    TaskError,
    details,
    error_item,
    processing,
    task_cancelled,
    task_expired,
    task_not_found,
    with_status,
)
from ...chat import Error, InternalError
from ...store import StoreError, StoreUnavailable
from ...tasks import Task
from ...tasks.worker import Worker
from .caller import Principal
from .task_handler import RunwareTaskHandler, uuid_of
from .task_reply import TaskReply

log = logging.getLogger("maxserve.server")

PATIENCE_S = 10.0
"""How long a poll waits for a database that is away: an error would tell its client that the task itself has failed."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0


class _Failure(msgspec.Struct):
    """An error as it was stored."""

    code: str
    message: str


_failure = msgspec.json.Decoder(_Failure).decode


class TaskStatus:
    """Answers from what is stored, each caller for their own tasks."""

    def __init__(self, work: Callable[[], Awaitable[Worker]], handler: RunwareTaskHandler, resume_s: float) -> None:
        self._worker = work
        self._handler = handler
        self._resume_s = resume_s
        self._telling: set[asyncio.Task[None]] = set()

    async def answer(self, uuid: str, id: str, caller: Principal) -> TaskReply:
        """Answer a getResponse: one item that is processing, or all results, or why there are none."""
        task = await self._task(id, caller)
        if task is None:
            return TaskReply(errors=(error_item(task_not_found(uuid), "getResponse", uuid, status=True),))
        return self._polled(task, uuid, caller)

    async def details(self, uuid: str, id: str, caller: Principal) -> TaskReply:
        """Answer a getTaskDetails."""
        task = await self._task(id, caller)
        if task is None or task.expired:
            gone = task_not_found(uuid) if task is None else task_expired(uuid)
            return TaskReply(errors=(error_item(gone, "getTaskDetails", uuid),), status=gone.status)
        data, errors = task.results, () if task.error is None else (task.error,)
        if not task.finished:
            data = (processing(uuid_of(task), task.progress),)
        return TaskReply(data=(details(uuid, (await self._handler.public_payload(task),), data, errors),))

    async def when_finished(self, id: str, caller: Principal) -> TaskReply | None:
        """Wait for a task that was polled in vain; what the poll would have been answered, None where it is gone."""
        task = await (await self._worker()).finished(caller.owner, id)
        return None if task is None else self._polled(task, uuid_of(task), caller)

    async def undelivered(self, caller: Principal) -> list[Task]:
        """Return the tasks whose results the caller's session has not had yet, done or not; oldest first."""
        assert caller.session is not None
        try:
            worker = await self._worker()
            return await worker.undelivered(caller.owner, caller.session, time.time() - self._resume_s)
        except StoreError as error:
            log.error("session %s: its earlier results cannot be read: %s", caller.session, error)
            return []

    async def resumed(self, task: Task, caller: Principal) -> TaskReply | None:
        """Wait for a task of an earlier connection; the answer that it would have got there."""
        found: Task | None = task
        if not task.finished:
            found = await (await self._worker()).finished(caller.owner, task.id)
        if found is None or found.expired:
            return None
        errors = () if found.error is None else (found.error,)
        return TaskReply(data=found.results, errors=errors, id=found.id)

    @staticmethod
    def status_of_task(task: Task) -> TaskReply:
        """Return what a session that comes back is told of its async task: the results, or that it is not done.

        Also of one that failed: whoever waits polls for it again, and nobody else takes it for an error of theirs.
        """
        if task.state == "succeeded" and not task.expired:
            return TaskReply(data=tuple(map(with_status, task.results)), id=task.id)
        return TaskReply(data=(processing(uuid_of(task)),))

    def delivered(self, owner: str, ids: Sequence[str]) -> None:
        """Note that results have reached their session; goes on where the connection has ended."""
        telling = asyncio.get_running_loop().create_task(self._deliver(owner, ids))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _deliver(self, owner: str, ids: Sequence[str]) -> None:
        try:
            await (await self._worker()).delivered(owner, ids)
        except StoreError as error:
            # They are sent once more if the client comes back.
            log.error("tasks %s: their delivery could not be stored: %s", ", ".join(ids), error)

    async def _task(self, id: str, caller: Principal) -> Task | None:
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + PATIENCE_S, FIRST_PAUSE_S
        while True:
            try:
                return (await (await self._worker()).get(caller.owner, [id])).get(id)
            except StoreUnavailable:
                if loop.time() + pause > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    @staticmethod
    def _polled(task: Task, uuid: str, caller: Principal) -> TaskReply:
        if not task.finished:
            return TaskReply(data=(processing(uuid, task.progress),), pending=task.id)
        if task.expired:
            return TaskReply(errors=(error_item(task_expired(uuid), "textInference", uuid, status=True),))
        waiting = task.id if task.session is not None and task.session == caller.session else None
        if task.error is not None:
            return TaskReply(errors=(task.error,), settled=task.id, id=waiting)
        return TaskReply(data=tuple(map(with_status, task.results)), settled=task.id, id=waiting)


def failure_of(task: Task) -> Error:
    """Return why a task has no results, as far as its row says."""
    if task.state == "cancelled":
        return task_cancelled(uuid_of(task))
    if task.error is None:
        return InternalError("The task came to nothing.")
    stored = _failure(task.error)
    return TaskError(stored.message, label=stored.code, status=500)
