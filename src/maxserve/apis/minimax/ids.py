"""MiniMax's ids (docs/wire/minimax.md §4.6)."""

from __future__ import annotations

from ..adapter import RequestContext

_EPOCH = 1672531200
"""2023-01-01 00:00 UTC, from which MiniMax's ids count their seconds."""


def trace_id(context: RequestContext) -> str:
    """Return 32 hex digits: 8 of the seconds since 2023, then the request's own 24.

    Answers have it as `id`, errors as `request_id`, all of them as header `trace-id`.
    """
    return f"{(context.created - _EPOCH) & 0xFFFFFFFF:08x}{context.id}"
