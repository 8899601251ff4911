"""Token counts in Cloudsway's form (docs/wire/minimax.md §1.5)."""

from __future__ import annotations

from ...chat import Usage as ChatUsage
from .wire_response import CompletionDetails, PromptDetails, Usage


def usage_body(usage: ChatUsage) -> Usage:
    """Return the `usage` object: five details of the completion, three of the prompt, all of them always there.

    The page's second example counts more reasoning than completion; here reasoning is part of it.
    """
    return Usage(
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        total_tokens=usage.total,
        completion_tokens_details=CompletionDetails(
            accepted_prediction_tokens=0,
            audio_tokens=0,
            image_tokens=0,
            reasoning_tokens=usage.reasoning,
            rejected_prediction_tokens=0,
        ),
        prompt_tokens_details=PromptDetails(audio_tokens=0, cached_tokens=usage.cached, image_tokens=0),
    )
