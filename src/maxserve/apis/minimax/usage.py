"""Token counts in MiniMax's form (docs/wire/minimax.md §4.6)."""

from __future__ import annotations

from typing import Any

from ...chat import Usage


def usage_body(usage: Usage) -> dict[str, Any]:
    """Return the `usage` object; `total_characters` is 0 in every sample.

    Both details are always there: M2.7's samples show only the completion's, M3's only the prompt's, and live M2.7
    streams both, in this order.
    """
    return {
        "total_tokens": usage.total,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_characters": 0,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }
