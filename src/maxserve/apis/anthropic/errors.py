"""Errors in Anthropic's form: `{"type": "error", "error": {"type", "message"}, "request_id"}` (docs/wire/minimax.md
§7).

Statuses and types are Anthropic's own, of which MiniMax documents all but 504. A server's fault never carries a 4xx, so
SDKs retry it; 529 is what tells them that waiting helps. A field at fault is named in the message, in this API's words.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import (
    BodyTooLarge,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    SensitivePrompt,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
    Unsupported,
)
from ..adapter import Headers, RequestContext

_encode = msgspec.json.Encoder().encode


class ThreadsUnsupported(Unsupported):
    """The request wants its conversation kept here (`thread`), which this server does not do.

    Anthropic's SDKs know the code in its `details`: their tool runners then send the whole conversation each time.
    """

    def __init__(self, message: str = "Conversations are not kept here: send all messages, without 'thread'.") -> None:
        super().__init__(message, param="thread")


# From special to general: the first class that fits decides (status, type).
_TABLE: tuple[tuple[type[Error], int, str], ...] = (
    (Unauthorized, 401, "authentication_error"),
    (Forbidden, 403, "permission_error"),
    (UnknownModel, 404, "not_found_error"),
    (NotFound, 404, "not_found_error"),
    (BodyTooLarge, 413, "request_too_large"),
    (RateLimited, 429, "rate_limit_error"),
    (SensitivePrompt, 400, "invalid_request_error"),
    (RequestError, 400, "invalid_request_error"),
    (EngineTimeout, 504, "timeout_error"),
    (Overloaded, 529, "overloaded_error"),
    (StorageUnavailable, 529, "overloaded_error"),
    (EngineUnavailable, 529, "overloaded_error"),
    (ModerationUnavailable, 503, "api_error"),
)

# What rooms behind the dialect call a field by OpenAI's name for it.
_NAMES = (
    ("response_format.json_schema.schema", "output_config.format.schema"),
    (".function.parameters", ".input_schema"),
    (".function.name", ".name"),
)


def error_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return status and body."""
    for kind, status, label in _TABLE:
        if isinstance(error, kind):
            return status, _body(error, label, context)
    return 500, _body(error, "api_error", context)


def error_event(error: Error, context: RequestContext) -> bytes:
    """Return the frame that ends a stream which had begun; clients stop reading at it."""
    return b"event: error\ndata: " + error_body(error, context)[1] + b"\n\n"


def request_id(context: RequestContext) -> str:
    """Return the request's id as errors and the header `request-id` show it."""
    return f"req_{context.id}"


def id_headers(context: RequestContext) -> Headers:
    """Return the header in which Anthropic's SDKs look for the request's id."""
    return [(b"request-id", request_id(context).encode())]


def _body(error: Error, label: str, context: RequestContext) -> bytes:
    message = error.message
    for theirs, ours in _NAMES:
        message = message.replace(theirs, ours)
    told: dict[str, Any] = {"type": label, "message": message}
    if isinstance(error, ThreadsUnsupported):
        told["details"] = {"error_code": "thread_unsupported_request"}
    return _encode({"type": "error", "error": told, "request_id": request_id(context)})
