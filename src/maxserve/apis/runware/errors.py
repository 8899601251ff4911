"""Errors in Runware's form, with its statuses and codes (docs/wire/runware.md §6).

`{"errors": [{"code", "message", "parameter", "allowedValues", "taskType", "taskUUID"}]}`, each key only where there is
something to say; never an empty `errors`, which SDKs take for a failure. The newer SDKs show users a class that they
derive from the code, and try again by it and by the status: codes of the classes provider, timeout, rateLimit and
serverError are a server's faults here, all others the caller's. `documentation` is left out: the vendor's pages
describe the vendor's service.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ...chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    SensitivePrompt,
    SpendLimited,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

_encode = msgspec.json.Encoder().encode
_NATIVE = {
    "max_tokens": "settings.maxTokens",
    "n": "numberResults",
    "stop": "settings.stopSequences",
    "tool_choice": "toolChoice",
    "response_format": "jsonSchema",
}
"""What the service calls differently."""


class TaskError(RequestError):
    """A request that is refused with `label` as its code and `status`.

    `paths` are the fields at fault, several where one rule is over all of them; `allowed` what one may be.
    """

    def __init__(
        self,
        message: str,
        *paths: str,
        label: str = "invalidParameter",
        allowed: Sequence[str] = (),
        status: int = 400,
    ) -> None:
        super().__init__(message, param=paths[0] if paths else None)
        self.label = label
        self.status = status
        self.paths = paths
        self.allowed = tuple(allowed)


# From special to general: the first class that fits decides (status, code).
_TABLE: tuple[tuple[type[Error], int, str], ...] = (
    (UnknownModel, 404, "unknownModel"),
    (NotFound, 404, "resourceNotFound"),
    (MethodNotAllowed, 405, "invalidMethod"),
    (ContextOverflow, 400, "maxContextLengthExceeded"),
    (BodyTooLarge, 413, "maxBodySizeExceeded"),
    (Unauthorized, 401, "invalidApiKey"),
    (Forbidden, 403, "forbidden"),
    (SpendLimited, 402, "insufficientCredits"),
    (RateLimited, 429, "rateLimitExceeded"),
    (SensitivePrompt, 400, "promptBlocked"),
    (Sensitive, 400, "contentPolicyViolation"),
    (Unsupported, 400, "unsupportedParameter"),
    (InvalidRequest, 400, "invalidParameter"),
    (RequestError, 400, "invalidRequest"),
    (Overloaded, 503, "serviceUnavailable"),
    (StorageUnavailable, 503, "serviceUnavailable"),
    (EngineUnavailable, 503, "noAvailableServer"),
    (EngineTimeout, 504, "timeoutProvider"),
    (EngineRefused, 500, "providerError"),
    (EngineError, 500, "inferenceError"),
    (ModerationUnavailable, 503, "serviceUnavailable"),
    (InternalError, 500, "internalServerError"),
)


def status_of(error: Error) -> int:
    """Return the HTTP status."""
    return error.status if isinstance(error, TaskError) else _row(error)[0]


def code_of(error: Error) -> str:
    """Return the code."""
    return error.label if isinstance(error, TaskError) else _row(error)[1]


def error_item(error: Error, task_type: str | None = None, uuid: str | None = None, *, status: bool = False) -> bytes:
    """Return one element of `errors`, a JSON object; `status` adds `"status": "error"`, as replies to polls have it.

    `uuid` is the task's as it was sent: SDKs find their task by it, and give an error without one to all tasks.
    """
    return _encode(error_fields(error, task_type, uuid, status=status))


def error_fields(
    error: Error, task_type: str | None = None, uuid: str | None = None, *, status: bool = False
) -> dict[str, Any]:
    """Return what `error_item` encodes."""
    fields: dict[str, Any] = {"code": code_of(error)}
    if status:
        fields["status"] = "error"
    fields["message"] = error.message
    if isinstance(error, Unauthorized):
        return fields | {"parameter": "apiKey", "taskType": "authentication"}
    if isinstance(error, TaskError) and error.label == "missingApiKey":
        task_type = "authentication"
    paths: tuple[str, ...] = ()
    if isinstance(error, TaskError):
        paths = error.paths
    elif error.param:
        paths = (_native(error.param) if task_type is not None else error.param,)
    if paths:
        fields["parameter"] = paths[0] if len(paths) == 1 else list(paths)
    if isinstance(error, TaskError) and error.allowed:
        fields["allowedValues"] = list(error.allowed)
    if task_type is not None:
        fields["taskType"] = task_type
    if uuid is not None:
        fields["taskUUID"] = uuid
    return fields


def superset(error: Error, task_type: str | None = None, uuid: str | None = None, *, flat: bool = False) -> bytes:
    """Return an error that stands alone, under each key that some SDK looks at: `errors`, and `error` once more.

    `flat` adds `message` beside them, for the body of an HTTP error (docs/wire/runware.md §5.4, §6.4, §11).
    """
    fields = error_fields(error, task_type, uuid)
    inner = {name: fields[name] for name in ("code", "message", "taskType", "taskUUID") if name in fields}
    body: dict[str, Any] = {"errors": [fields], "error": inner}
    if flat:
        body["message"] = error.message
    return _encode(body)


def missing_key() -> TaskError:
    """Return the error of a task that came before any authentication."""
    return TaskError(
        "No API key was given: send an authentication task first.", "apiKey", status=401, label="missingApiKey"
    )


def conflict(id: str) -> TaskError:
    """Return the error of a taskUUID that is taken."""
    return TaskError(f"The taskUUID {id} has already been used. Send a new one.", "taskUUID", label="conflictTaskUUID")


def task_not_found(id: str) -> TaskError:
    """Return the error of a poll for a task that nobody knows."""
    return TaskError(f"There is no task {id}.", "taskUUID", status=404, label="taskNotFound")


def task_expired(id: str) -> TaskError:
    """Return the error of a poll for a task whose results were thrown away."""
    return TaskError(f"The results of the task {id} have expired.", "taskUUID", status=404, label="taskExpired")


def task_cancelled(id: str) -> TaskError:
    """Return the error of a task that was cancelled."""
    return TaskError(f"The task {id} was cancelled.", status=404, label="taskCancelled")


def _native(param: str) -> str:
    first, dot, rest = param.partition(".")
    return _NATIVE[first] if first in _NATIVE else first + dot + rest


def _row(error: Error) -> tuple[int, str]:
    for kind, status, code in _TABLE:
        if isinstance(error, kind):
            return status, code
    return 500, "internalServerError"
