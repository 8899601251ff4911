"""Token counts in Anthropic's form."""

from __future__ import annotations

from typing import Any

from ...chat import Usage


def usage_body(usage: Usage) -> dict[str, Any]:
    """Return the counts of an answer: `input_tokens` leaves out what the prefix cache knew (docs/wire/minimax.md §7).

    Nothing is charged for writing into the cache, so `cache_creation_input_tokens` is 0.
    """
    return {
        "input_tokens": usage.prompt - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.completion,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
    }
