"""Why an answer ended, in Anthropic's words."""

from __future__ import annotations

from ...chat import FinishReason
from .wire_response import StopReason

_REASONS: dict[FinishReason, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def stop_reason(reason: FinishReason, stop: str | None) -> StopReason:
    """Return the `stop_reason`; `stop` is the stop sequence that ended the answer, None where none did."""
    return _REASONS[reason] if stop is None else "stop_sequence"
