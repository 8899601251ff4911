"""Errors with the statuses that Cloudsway documents: 400, 401, 403, 404, 409, 429, 500, 503 and 504
(docs/wire/minimax.md §1.6).

The body of its errors is published nowhere: this is OpenAI's, `{"error": {"message", "type", "param", "code"}}`, which
the OpenAI clients that call it can read. Nothing here is a 409. A body that is too large is a 400, and what an engine
did wrong a 500, as the vendor has neither 413 nor 502.
"""

from __future__ import annotations

from ...chat import BodyTooLarge, EngineCrashed, EngineError, EngineRefused, Error
from ..openai_chat.errors import ERRORS
from ..openai_chat.errors import error_body as openai_error_body

CLOUDSWAY_ERRORS = {
    **ERRORS,
    BodyTooLarge: (400, "invalid_request_error", "body_too_large"),
    EngineCrashed: (500, "server_error", "engine_crashed"),
    EngineRefused: (500, "server_error", "engine_refused"),
    EngineError: (500, "server_error", "engine_error"),
}
"""OpenAI's table, with the statuses that Cloudsway does not have replaced."""


def error_body(error: Error) -> tuple[int, bytes]:
    """Return status and body."""
    return openai_error_body(error, CLOUDSWAY_ERRORS)
