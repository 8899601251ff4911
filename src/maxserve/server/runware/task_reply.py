"""What became of one task of an array."""

from __future__ import annotations

import logging

import msgspec

from ...apis.runware import Authentication, InvalidTask, Ping, TaskRequest, conflict, error_item, status_of
from ...chat import Error, InternalError, Overloaded
from ...store import StoreError
from ...tasks import TaskConflict

log = logging.getLogger("maxserve.server")


_TYPES = {
    "AccountDetails": "accountManagement", "GetResponse": "getResponse", "GetTaskDetails": "getTaskDetails",
    "ModelSearch": "modelSearch", "TextInference": "textInference",
}  # fmt: skip


class TaskReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a task came to, as both transports send it.

    `status` is the HTTP status that its errors stand for, 200 where they answer a poll; `retry_after` in seconds.
    `checkpoint` are the weights that answered. `id` is the task whose results
    these are, where a session waits for them. Of a poll, `pending` is the task that is not done yet, `settled` the one
    that is.
    """

    data: tuple[bytes, ...] = ()
    errors: tuple[bytes, ...] = ()
    status: int = 200
    retry_after: float | None = None
    checkpoint: str = ""
    id: str | None = None
    pending: str | None = None
    settled: str | None = None


def refused(item: TaskRequest | InvalidTask, error: Exception, id: str | None = None) -> TaskReply:
    """Return the answer to a task that comes to nothing; whatever is no `Error` is logged and becomes one."""
    if isinstance(item, InvalidTask):
        kind, uuid = item.task_type, item.uuid
    elif isinstance(item, Authentication | Ping):
        kind, uuid = None, None
    else:
        kind, uuid = _TYPES[type(item).__name__], item.uuid
    shown = conflict(uuid or error.id) if isinstance(error, TaskConflict) else told(error)
    errors = (error_item(shown, kind, uuid),)
    return TaskReply(errors=errors, status=status_of(shown), retry_after=shown.retry_after, id=id)


def told(error: Exception) -> Error:
    """Return what a client is told of a failure."""
    if isinstance(error, Error):
        return error
    if isinstance(error, StoreError):
        log.error("%s", error)
        return Overloaded("The server's database cannot be used; its log says why.", retry_after=1.0)
    log.error("a task failed", exc_info=error)
    return InternalError("The server made a mistake; it is logged.")
