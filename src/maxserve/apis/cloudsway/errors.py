"""Errors with the statuses that Cloudsway documents: 400, 401, 403, 404, 409, 429, 500, 503 and 504
(docs/wire/minimax.md §1.6).

The body of its errors is published nowhere: this is OpenAI's, `{"error": {"message", "type", "param", "code"}}`, which
the OpenAI clients that call it can read. Nothing here is a 409. A body that is too large is a 400, and what an engine
did wrong a 500, as the vendor has neither 413 nor 502.
"""

from __future__ import annotations

import msgspec

from ...chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

_encode = msgspec.json.Encoder().encode

# From special to general: the first class that fits decides (status, type, code).
_TABLE: tuple[tuple[type[Error], int, str, str], ...] = (
    (UnknownModel, 404, "invalid_request_error", "model_not_found"),
    (NotFound, 404, "invalid_request_error", "not_found"),
    (ContextOverflow, 400, "invalid_request_error", "context_length_exceeded"),
    (BodyTooLarge, 400, "invalid_request_error", "body_too_large"),
    (Unauthorized, 401, "authentication_error", "invalid_api_key"),
    (Forbidden, 403, "permission_error", "forbidden"),
    (RateLimited, 429, "rate_limit_error", "rate_limit_exceeded"),
    (Unsupported, 400, "invalid_request_error", "unsupported"),
    (Sensitive, 400, "invalid_request_error", "content_filter"),
    (RequestError, 400, "invalid_request_error", "invalid_request"),
    (Overloaded, 503, "server_error", "overloaded"),
    (EngineUnavailable, 503, "server_error", "engine_unavailable"),
    (EngineTimeout, 504, "server_error", "engine_timeout"),
    (EngineCrashed, 500, "server_error", "engine_crashed"),
    (EngineRefused, 500, "server_error", "engine_refused"),
    (EngineError, 500, "server_error", "engine_error"),
    (StorageUnavailable, 503, "server_error", "storage_unavailable"),
    (ModerationUnavailable, 503, "server_error", "moderation_unavailable"),
    (Error, 500, "server_error", "internal_error"),
)


def error_body(error: Error) -> tuple[int, bytes]:
    """Return status and body."""
    status, label, code = next(row[1:] for row in _TABLE if isinstance(error, row[0]))
    return status, _encode({"error": {"message": error.message, "type": label, "param": error.param, "code": code}})
