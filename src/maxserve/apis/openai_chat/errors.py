"""Errors in OpenAI's form: `{"error": {"message", "type", "param", "code"}}` with the matching status.

SDKs retry 408, 409, 429 and every 5xx by themselves, so a server's fault never carries a 4xx.
"""

from __future__ import annotations

from collections.abc import Mapping

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

ErrorTable = Mapping[type[Error], tuple[int, str, str]]
"""Status, type and code of each class; a class without a row has that of its nearest base."""

ERRORS: ErrorTable = {
    UnknownModel: (404, "invalid_request_error", "model_not_found"),
    NotFound: (404, "invalid_request_error", "not_found"),
    ContextOverflow: (400, "invalid_request_error", "context_length_exceeded"),
    BodyTooLarge: (413, "invalid_request_error", "body_too_large"),
    Unauthorized: (401, "authentication_error", "invalid_api_key"),
    Forbidden: (403, "permission_error", "forbidden"),
    RateLimited: (429, "rate_limit_error", "rate_limit_exceeded"),
    Unsupported: (400, "invalid_request_error", "unsupported"),
    Sensitive: (400, "invalid_request_error", "content_filter"),
    RequestError: (400, "invalid_request_error", "invalid_request"),
    Overloaded: (503, "server_error", "overloaded"),
    EngineUnavailable: (503, "server_error", "engine_unavailable"),
    EngineTimeout: (504, "server_error", "engine_timeout"),
    EngineCrashed: (502, "server_error", "engine_crashed"),
    EngineRefused: (502, "server_error", "engine_refused"),
    EngineError: (502, "server_error", "engine_error"),
    StorageUnavailable: (503, "server_error", "storage_unavailable"),
    ModerationUnavailable: (503, "server_error", "moderation_unavailable"),
    Error: (500, "server_error", "internal_error"),
}


def error_body(error: Error, table: ErrorTable = ERRORS) -> tuple[int, bytes]:
    """Return status and body."""
    status, label, code = next(table[kind] for kind in type(error).__mro__ if kind in table)
    return status, _encode({"error": {"message": error.message, "type": label, "param": error.param, "code": code}})
