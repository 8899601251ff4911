"""The reply to one task of an array or a WebSocket."""

from __future__ import annotations

import msgspec

from ...apis.runware import Authentication, InvalidTask, Ping, TaskRequest, error_item, status_of
from ...chat import Error

_TYPES = {
    "AccountDetails": "accountManagement", "GetResponse": "getResponse", "GetTaskDetails": "getTaskDetails",
    "ModelSearch": "modelSearch", "TextInference": "textInference",
}  # fmt: skip


class TaskReply(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one task, as both transports send it."""

    data: tuple[bytes, ...] = ()
    """Result items as JSON."""
    errors: tuple[bytes, ...] = ()
    """Error items as JSON."""
    status: int = 200
    """The HTTP status that the errors stand for; 200 where they answer a poll."""
    retry_after: float | None = None
    """Seconds after which the same task may succeed."""
    checkpoint: str = ""
    """The weights that answered."""
    id: str | None = None
    """The task whose results these are, where a session waits for them."""
    pending: str | None = None
    """Of a poll: the id of the task where it is not done yet."""
    settled: str | None = None
    """Of a poll: the id of the task where it is done."""
    error: Error | None = None
    """The error behind `errors`, where the task itself failed."""


def refused(item: TaskRequest | InvalidTask, error: Error, id: str | None = None) -> TaskReply:
    """Return the reply to a task that failed or was refused with `error`."""
    kind, uuid = describe(item)
    return TaskReply(
        errors=(error_item(error, kind, uuid),),
        status=status_of(error),
        retry_after=error.retry_after,
        id=id,
        error=error,
    )


def describe(item: TaskRequest | InvalidTask) -> tuple[str | None, str | None]:
    """Return the task's type and its UUID, as far as it has them."""
    if isinstance(item, InvalidTask):
        return item.task_type, item.uuid
    if isinstance(item, Authentication | Ping):
        return None, None
    return _TYPES[type(item).__name__], item.uuid
