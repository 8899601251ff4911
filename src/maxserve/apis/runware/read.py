"""Reads a body of tasks: what is wrong with one is that one's fault, the others go on (docs/wire/runware.md §6.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from ...chat import Error
from . import wire
from .decode_errors import fault, missing
from .errors import TaskError, conflict
from .tasks import (
    AccountDetails,
    Authentication,
    GetResponse,
    GetTaskDetails,
    InvalidTask,
    ModelSearch,
    Ping,
    TaskLimits,
    TaskRequest,
    TextInference,
)
from .text import text_inference
from .words import rules

TASK_TYPES = (
    "textInference", "getResponse", "getTaskDetails", "modelSearch", "accountManagement", "authentication", "ping",
)  # fmt: skip
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_head = msgspec.json.Decoder(wire.Head).decode
_decode_authentication = msgspec.json.Decoder(wire.AuthenticationTask).decode
_decode_search = msgspec.json.Decoder(wire.SearchTask).decode
_decode_account = msgspec.json.Decoder(wire.AccountTask).decode
_AUTHENTICATION = rules(wire.AuthenticationTask)
_SEARCH = rules(wire.SearchTask)
_ACCOUNT = rules(wire.AccountTask)


def read_array(body: bytes, limits: TaskLimits, key: str | None = None) -> list[TaskRequest | InvalidTask]:
    """Read every task of a body, in order; `key` is the caller's key id.

    Raises `TaskError` for a body that is no JSON array of objects, or one of none or of too many.
    """
    try:
        raws = _decode_array(body)
    except msgspec.ValidationError:
        raise TaskError(
            "The body must be an array of tasks: [{…}], even where there is one.", label="invalidRequest"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"The body is not valid JSON: {error}.", label="invalidRequest") from None
    except RecursionError:
        raise TaskError("The body is nested too deeply.", label="invalidRequest") from None
    if not raws:
        raise TaskError("The array holds no task.", label="invalidRequest")
    if len(raws) > limits.max_tasks:
        raise TaskError(
            f"The array holds {len(raws)} tasks; at most {limits.max_tasks} may come together.",
            label="maxTasksExceeded",
        )
    read: list[TaskRequest | InvalidTask] = []
    taken: set[str] = set()
    for raw in raws:
        task = read_task(bytes(raw), limits, key)
        if isinstance(task, TextInference):
            if task.id in taken:
                task = InvalidTask(conflict(task.uuid), "textInference", task.uuid)
            else:
                taken.add(task.id)
        read.append(task)
    return read


def read_task(raw: bytes, limits: TaskLimits, key: str | None = None) -> TaskRequest | InvalidTask:
    """Read one task."""
    try:
        head = _decode_head(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return InvalidTask(TaskError("Each task of the array must be an object.", label="invalidRequest"))
    kind = head.task_type if isinstance(head.task_type, str) else None
    uuid = head.task_uuid if isinstance(head.task_uuid, str) else None
    try:
        return _read(raw, head, limits, key)
    except Error as error:
        return InvalidTask(error, kind, uuid)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # of texts, which are looked into only here
        return InvalidTask(TaskError(f"The task is not valid JSON: {error}.", label="invalidRequest"), kind, uuid)
    except RecursionError:
        return InvalidTask(TaskError("The task is nested too deeply.", label="invalidRequest"), kind, uuid)


def read_text(raw: bytes, limits: TaskLimits, key: str | None = None) -> TextInference:
    """Read one textInference again, as it was once accepted; raises `chat.Error`."""
    head = _decode_head(raw)
    return text_inference(raw, _uuid(head), head.model, limits, key)


def _read(raw: bytes, head: wire.Head, limits: TaskLimits, key: str | None) -> TaskRequest:
    match head.task_type:
        case None:
            raise missing("taskType")
        case "textInference":
            return text_inference(raw, _uuid(head), head.model, limits, key)
        case "ping":
            return Ping()
        case "authentication":
            asked = _strictly(_decode_authentication, raw, _AUTHENTICATION)
            return Authentication(asked.api_key, asked.session or None)
        case "getResponse":
            uuid = _uuid(head)
            return GetResponse(uuid, uuid.lower())
        case "getTaskDetails":
            uuid = _uuid(head)
            return GetTaskDetails(uuid, uuid.lower())
        case "modelSearch":
            uuid = _uuid(head)
            return _search(uuid, _strictly(_decode_search, raw, _SEARCH))
        case "accountManagement":
            uuid = _uuid(head)
            _strictly(_decode_account, raw, _ACCOUNT)
            return AccountDetails(uuid)
        case other:
            raise TaskError(
                f"There is no taskType {_shown(other)} here.", "taskType", allowed=TASK_TYPES, label="invalidTaskType"
            )


def _uuid(head: wire.Head) -> str:
    if head.task_uuid is None:
        raise missing("taskUUID")
    if not isinstance(head.task_uuid, str) or not _UUID4.fullmatch(head.task_uuid):
        raise TaskError("'taskUUID' must be a UUID v4, as text.", "taskUUID", label="invalidTaskUUID")
    return head.task_uuid


def _search(uuid: str, asked: wire.SearchTask) -> ModelSearch:
    return ModelSearch(
        uuid=uuid,
        search=asked.search or None,
        source=asked.source,
        category=asked.category,
        architecture=asked.architecture,
        capabilities=tuple(asked.capabilities or ()),
        visibility=asked.visibility,
        limit=20 if asked.limit is None else asked.limit,
        offset=asked.offset or 0,
        sort=asked.sort,
    )


def _strictly(decode: Callable[[bytes], Any], raw: bytes, of: Any) -> Any:
    try:
        return decode(raw)
    except msgspec.ValidationError as error:
        raise fault(error, of) from None


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) and len(value) <= 64 else "of that kind"
