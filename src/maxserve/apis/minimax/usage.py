"""Token counts in MiniMax's form (docs/wire/minimax.md §4.6)."""

from __future__ import annotations

from ...chat import Usage as ChatUsage
from ..openai_chat.wire_response import CompletionDetails, PromptDetails
from .wire_response import Usage


def usage_body(usage: ChatUsage) -> Usage:
    """Return the `usage` object; `total_characters` is 0 in every sample.

    Both details are always there: M2.7's samples show only the completion's, M3's only the prompt's, and live M2.7
    streams both, in this order.
    """
    return Usage(
        total_tokens=usage.total,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        total_characters=0,
        completion_tokens_details=CompletionDetails(usage.reasoning),
        prompt_tokens_details=PromptDetails(usage.cached),
    )
