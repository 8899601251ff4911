"""Errors in MiniMax's two forms, from one table (docs/wire/minimax.md §6).

The OpenAI-compatible path answers with a status and `{"type": "error", "error": {"type", "message", "http_code"},
"request_id"}`, where `http_code` is a string and MiniMax's own number stands in parentheses at the message's end. The
native path answers 200 and says the number in `base_resp`.

Clients know some failures by their words (`login fail`, `invalid params`, `unknown model`, `context window exceeds
limit`) and others by their number, so both are here. 2013 is every fault of a request. Types, statuses and numbers of
the server's faults are in no reference: `server_error` with 1000 or 1013 and `overloaded_error` with 529 and 2064 are
what clients of the service report, as are 422 and the words "input new_sensitive (1026)", "output new_sensitive
(1027)", by which they know that something was blocked: those stand alone. 404, 405 and 413, which were never seen
there, keep their usual meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import (
    CATEGORIES,
    BodyTooLarge,
    ContextOverflow,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    MethodNotAllowed,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    SensitiveAnswer,
    SensitivePrompt,
    Sensitivity,
    SpendLimited,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
)
from ..adapter import RequestContext
from .ids import trace_id

_encode = msgspec.json.Encoder().encode

# From special to general: the first class that fits decides (status, type, number, the message's beginning).
_TABLE: tuple[tuple[type[Error], int, str, int, str], ...] = (
    (Unauthorized, 401, "authorized_error", 1004, "login fail: "),
    (Forbidden, 403, "permission_error", 1004, ""),
    (SpendLimited, 429, "rate_limit_error", 2056, "usage limit exceeded: "),
    (RateLimited, 429, "rate_limit_error", 1002, "rate limit: "),
    (UnknownModel, 400, "bad_request_error", 2013, "invalid params, unknown model: "),
    (ContextOverflow, 400, "bad_request_error", 2013, "invalid params, context window exceeds limit: "),
    (SensitivePrompt, 422, "unprocessable_entity_error", 1026, ""),
    (SensitiveAnswer, 422, "unprocessable_entity_error", 1027, ""),
    (NotFound, 404, "not_found_error", 2013, ""),
    (MethodNotAllowed, 405, "bad_request_error", 2013, ""),
    (BodyTooLarge, 413, "bad_request_error", 2013, "invalid params, "),
    (RequestError, 400, "bad_request_error", 2013, "invalid params, "),
    (Overloaded, 529, "overloaded_error", 2064, "high load: "),
    (EngineTimeout, 504, "server_error", 1001, ""),
    (EngineUnavailable, 503, "server_error", 1013, ""),
    (EngineError, 502, "server_error", 1013, ""),
    (StorageUnavailable, 503, "server_error", 1013, ""),
    (ModerationUnavailable, 503, "server_error", 1013, ""),
    (Error, 500, "server_error", 1000, "unknown error: "),
)


def error_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return status and body of an error on the OpenAI-compatible path."""
    status, kind, number, words = _place(error)
    message = f"{words}{_told(error).removesuffix('.')} ({number})"
    return status, _encode(
        {
            "type": "error",
            "error": {"type": kind, "message": message, "http_code": str(status)},
            "request_id": trace_id(context),
        }
    )


def native_body(error: Error, context: RequestContext) -> bytes:
    """Return the body of an error on the native path: the envelope with no choices, and `base_resp`.

    `choices` is null, as the service writes it; which model was asked for is not known here.
    """
    found = Sensitivity()
    if isinstance(error, Sensitive):
        number = CATEGORIES[error.category]
        found = Sensitivity(output=number) if isinstance(error, SensitiveAnswer) else Sensitivity(input=number)
    return _encode(
        {
            "id": trace_id(context),
            "choices": None,
            "created": context.created,
            "model": "",
            "object": "chat.completion",
            "usage": {"total_tokens": 0, "total_characters": 0},
            "input_sensitive": bool(found.input),
            "output_sensitive": bool(found.output),
            "base_resp": base_resp(error),
            "input_sensitive_type": found.input,
            "output_sensitive_type": found.output,
            "output_sensitive_int": 0,
        }
    )


def base_resp(error: Error) -> dict[str, Any]:
    """Return the `base_resp` of an error."""
    _, _, number, words = _place(error)
    return {"status_code": number, "status_msg": words + _told(error)}


def _told(error: Error) -> str:
    if isinstance(error, SensitivePrompt):
        return "input new_sensitive"
    return "output new_sensitive" if isinstance(error, SensitiveAnswer) else error.message


def _place(error: Error) -> tuple[int, str, int, str]:
    return next(row[1:] for row in _TABLE if isinstance(error, row[0]))
