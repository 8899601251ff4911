"""The error answers of an API, as its own door writes them: statuses and bodies cannot differ from what is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ..apis.adapter import ApiAdapter, RequestContext
from ..chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    InternalError,
    InvalidRequest,
    ModerationUnavailable,
    Overloaded,
    RateLimited,
    SensitivePrompt,
    Unauthorized,
    UnknownModel,
    Unsupported,
)
from .headers import RETRY_AFTER, answer_headers, reference

ARRIVAL = RequestContext("0" * 24, 0)

UNAUTHORIZED: tuple[Error, ...] = (Unauthorized("No API key was given. Send it as 'Authorization: Bearer YOUR_KEY'."),)
UNKNOWN_MODEL: tuple[Error, ...] = (
    UnknownModel("The model 'minimax/m9' does not exist. Did you mean minimax/m3?", param="model"),
)
READING: tuple[Error, ...] = (
    InvalidRequest("The field 'model' is required.", param="model"),
    Unsupported("Only text can be generated: modalities may only be ['text'].", param="modalities"),
    BodyTooLarge("The body is larger than this server takes: 67,108,864 bytes."),
    *UNAUTHORIZED,
)
ENGINE_MISSING: tuple[Error, ...] = (
    EngineUnavailable("The engine m2 is being started.", retry_after=1.0),
    EngineCrashed("The engine m2 ended while it worked on this request; it is being restarted.", retry_after=1.0),
    EngineRefused("The engine m2 answered in no known form."),
    EngineTimeout("The answer was not complete within 3600 seconds (limits.request_timeout_s)."),
)
GENERATING: tuple[Error, ...] = (
    *READING,
    *UNKNOWN_MODEL,
    ContextOverflow("The prompt has 5,120 tokens, and the context of the loaded model 4,096."),
    SensitivePrompt("The prompt was blocked: it holds what this server does not let pass (abuse).", category="abuse"),
    RateLimited("The upstream's limit is reached.", retry_after=1.0),
    ModerationUnavailable("What is said here cannot be checked now, and so it cannot pass.", retry_after=5.0),
    InternalError("The server made a mistake; it is logged under req_000000000000000000000000."),
    *ENGINE_MISSING,
    Overloaded("The server is at its limit: 256 requests at work, 1024 waiting.", retry_after=1.0),
)
"""One of each kind that can come where a model answers."""

_WORDS = {
    "200": "An error that the body tells.",
    "400": "The request cannot be answered as it stands.",
    "401": "No key, or one that is not known.",
    "403": "The key may not do this.",
    "404": "No such model.",
    "413": "The body is larger than the server takes.",
    "422": "A rule of the server forbids what is said.",
    "424": "A rule of the server forbids what is said.",
    "429": "A limit is reached; try again later.",
    "500": "The server made a mistake.",
    "502": "The engine failed while it worked on this request.",
    "503": "The engine is not ready, or too much is waiting; try again later.",
    "504": "The answer was not complete in time.",
    "529": "Too much is waiting; try again later.",
}


Faults = tuple[tuple[ApiAdapter, dict[str, Any]], tuple[Error, ...]]
"""A door with the schema of its errors' bodies, and the errors that can come through it."""


def fault_responses(faults: Iterable[Faults]) -> dict[str, Any]:
    """Return the error responses by status."""
    found: dict[str, dict[str, Any]] = {}
    forms: dict[str, list[dict[str, Any]]] = {}
    for (adapter, schema), errors in faults:
        kind = adapter.content_type.decode().partition(";")[0]
        for error in errors:
            number, body = adapter.error(error, ARRIVAL)
            status = str(number)
            response = found.setdefault(
                status, {"description": _WORDS[status], "headers": answer_headers(adapter), "content": {}}
            )
            if error.retry_after is not None:
                response["headers"]["Retry-After"] = reference(RETRY_AFTER)
            if schema not in forms.setdefault(status, []):
                forms[status].append(schema)
            media = response["content"].setdefault(kind, {"examples": {}})
            media["schema"] = forms[status][0] if len(forms[status]) == 1 else {"anyOf": forms[status]}
            name = error.code if error.code not in media["examples"] else f"{error.code}_{len(forms[status])}"
            media["examples"].setdefault(name, {"value": msgspec.json.decode(body)})
    return dict(sorted(found.items()))
