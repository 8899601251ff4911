"""Errors in Runware's form, and what its SDKs make of their codes (docs/wire/runware.md §6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.runware import (
    RunwareErrorAdapter,
    TaskError,
    code_of,
    conflict,
    error_item,
    missing_key,
    status_of,
    superset,
    task_cancelled,
    task_expired,
    task_not_found,
)
from maxserve.chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
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
    SensitiveAnswer,
    SensitivePrompt,
    ServerError,
    SpendLimited,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

from .tasks import ID

RETRYABLE = {"provider", "timeout", "rateLimit", "serverError"}


def sdk_class(code: str) -> str:
    """Return the class that the newer SDKs derive from a code (docs/wire/runware.md §6.3), in their order, as far as
    our codes need it.
    """
    rules = [
        ("quota", any(word in code for word in ("Credits", "Quota", "Balance"))),
        ("rateLimit", "RateLimit" in code or code == "rateLimitExceeded"),
        ("safety", code in ("contentPolicyViolation", "promptBlocked", "moderationFailed")),
        ("auth", code in ("forbidden", "unauthorized") or "ApiKey" in code),
        ("timeout", "Timeout" in code),
        ("notFound", code in ("taskCancelled", "unknownModel") or code.endswith(("NotFound", "Expired"))),
        ("serverError", code in ("internalServerError", "serviceUnavailable")),
        ("provider", code in ("inferenceError", "noAvailableServer") or code.startswith("provider")),
        ("validation", code.startswith(("invalid", "missing", "conflict", "unsupported", "max"))),
    ]
    return next((name for name, fits in rules if fits), "unknown")


@pytest.mark.parametrize(
    ("error", "status", "code", "kind"),
    [
        (InvalidRequest("x"), 400, "invalidParameter", "validation"),
        (Unsupported("x"), 400, "unsupportedParameter", "validation"),
        (RequestError("x"), 400, "invalidRequest", "validation"),
        (ContextOverflow("x"), 400, "maxContextLengthExceeded", "validation"),
        (BodyTooLarge("x"), 413, "maxBodySizeExceeded", "validation"),
        (MethodNotAllowed("x"), 405, "invalidMethod", "validation"),
        (UnknownModel("x"), 404, "unknownModel", "notFound"),
        (NotFound("x"), 404, "resourceNotFound", "notFound"),
        (Unauthorized("x"), 401, "invalidApiKey", "auth"),
        (Forbidden("x"), 403, "forbidden", "auth"),
        (SpendLimited("x"), 402, "insufficientCredits", "quota"),
        (RateLimited("x"), 429, "rateLimitExceeded", "rateLimit"),
        (SensitivePrompt("x"), 400, "promptBlocked", "safety"),
        (SensitiveAnswer("x"), 400, "contentPolicyViolation", "safety"),
        (Sensitive("x"), 400, "contentPolicyViolation", "safety"),
        (Overloaded("x"), 503, "serviceUnavailable", "serverError"),
        (ModerationUnavailable("x"), 503, "serviceUnavailable", "serverError"),
        (EngineUnavailable("x"), 503, "noAvailableServer", "provider"),
        (EngineCrashed("x"), 500, "inferenceError", "provider"),
        (EngineRefused("x"), 500, "providerError", "provider"),
        (EngineError("x"), 500, "inferenceError", "provider"),
        # The vendor's own word, with a small t: its SDKs know no class for it. They go by the status and try again.
        (EngineTimeout("x"), 504, "timeoutProvider", "unknown"),
        (InternalError("x"), 500, "internalServerError", "serverError"),
        (ServerError("x"), 500, "internalServerError", "serverError"),
        (Error("x"), 500, "internalServerError", "serverError"),
        (conflict(ID), 400, "conflictTaskUUID", "validation"),
        (task_not_found(ID), 404, "taskNotFound", "notFound"),
        (task_expired(ID), 404, "taskExpired", "notFound"),
        (task_cancelled(ID), 404, "taskCancelled", "notFound"),
        (missing_key(), 401, "missingApiKey", "auth"),
    ],
)
def test_status_and_code(error: Error, status: int, code: str, kind: str) -> None:
    assert (status_of(error), code_of(error), sdk_class(code)) == (status, code, kind)
    retried = status in (408, 429) or status >= 500
    assert retried == (kind in RETRYABLE or isinstance(error, EngineTimeout))
    assert retried == (not isinstance(error, RequestError) or isinstance(error, RateLimited)) or status == 402


def test_every_class_has_a_row() -> None:
    def classes(root: type[Error]) -> list[type[Error]]:
        return [root, *(kind for child in root.__subclasses__() for kind in classes(child))]

    for kind in classes(Error):
        error = kind("x")
        assert (status_of(error) >= 500) == (not isinstance(error, RequestError))


def test_the_error_of_a_range() -> None:
    """The example of docs/wire/runware.md §10.7, less the vendor's documentation."""
    error = TaskError("'settings.maxTokens' must be an integer between 1 and 196608.", "settings.maxTokens")
    assert error_item(error, "textInference", ID) == (
        b'{"code":"invalidParameter","message":"\'settings.maxTokens\' must be an integer between 1 and 196608.",'
        b'"parameter":"settings.maxTokens","taskType":"textInference","taskUUID":"' + ID.encode() + b'"}'
    )


def test_the_error_of_a_poll() -> None:
    """The example of docs/wire/runware.md §10.3."""
    error = EngineCrashed("The model could not complete this task. Try again.")
    assert error_item(error, "textInference", ID, status=True) == (
        b'{"code":"inferenceError","status":"error","message":"The model could not complete this task. Try again.",'
        b'"taskType":"textInference","taskUUID":"' + ID.encode() + b'"}'
    )


@pytest.mark.parametrize(
    ("param", "told"),
    [
        ("max_tokens", "settings.maxTokens"),
        ("n", "numberResults"),
        ("response_format.json_schema.schema", "jsonSchema"),
        ("messages[2].content", "messages[2].content"),
    ],
)
def test_what_the_service_calls_differently(param: str, told: str) -> None:
    error = InvalidRequest("x", param=param)
    assert json.loads(error_item(error, "textInference", ID))["parameter"] == told
    assert json.loads(error_item(error))["parameter"] == param


def test_a_wrong_key() -> None:
    """The examples of docs/wire/runware.md §10.9: no taskUUID, which one SDK would look for among its tasks."""
    error = Unauthorized("Invalid API key.")
    fields = b'"code":"invalidApiKey","message":"Invalid API key."'
    assert superset(error) == (
        b'{"errors":[{' + fields + b',"parameter":"apiKey","taskType":"authentication"}],'
        b'"error":{' + fields + b',"taskType":"authentication"}}'
    )
    assert superset(error, "textInference", ID) == superset(error)


def test_the_door_s_errors() -> None:
    status, data = RunwareErrorAdapter().error(InvalidRequest("No.", param="seed"), RequestContext("0" * 24, 0))
    body: Any = json.loads(data)
    assert (status, body["message"], body["error"]) == (400, "No.", {"code": "invalidParameter", "message": "No."})
    assert body["errors"] == [{"code": "invalidParameter", "message": "No.", "parameter": "seed"}]


def test_no_key_and_a_wrong_one() -> None:
    """A task that came too early is named: SDKs give an error without a task to all of theirs."""
    wrong = json.loads(error_item(Unauthorized("No."), "textInference", ID))
    assert wrong == {"code": "invalidApiKey", "message": "No.", "parameter": "apiKey", "taskType": "authentication"}
    early = json.loads(error_item(missing_key(), "textInference", ID))
    assert (early["code"], early["parameter"], early["taskType"], early["taskUUID"]) == (
        "missingApiKey", "apiKey", "authentication", ID,
    )  # fmt: skip


def test_the_end_of_a_stream_that_failed() -> None:
    """The example of docs/wire/runware.md §10.4: both keys, for the SDKs that look at one of them only."""
    data = RunwareErrorAdapter("textInference", ID).error_event(EngineTimeout("Too late."), RequestContext("0" * 24, 0))
    line, done, rest = data.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    body = json.loads(line.removeprefix(b"data: "))
    assert body == {
        "errors": [{"code": "timeoutProvider", "message": "Too late.", "taskType": "textInference", "taskUUID": ID}],
        "error": {"code": "timeoutProvider", "message": "Too late.", "taskType": "textInference", "taskUUID": ID},
    }
