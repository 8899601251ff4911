"""Token counts and log probabilities in OpenAI's form."""

from __future__ import annotations

from collections.abc import Sequence

from ...chat import TokenLogprob as ChatTokenLogprob
from ...chat import Usage as ChatUsage
from .wire_response import CompletionDetails, Logprobs, PromptDetails, TokenLogprob, TopLogprob, Usage


def usage_body(usage: ChatUsage) -> Usage:
    """Return the `usage` object: cached is part of prompt, reasoning part of completion."""
    return Usage(
        usage.prompt,
        usage.completion,
        usage.total,
        PromptDetails(usage.cached),
        CompletionDetails(usage.reasoning),
    )


def logprobs_body(tokens: Sequence[ChatTokenLogprob] | None) -> Logprobs | None:
    """Return the `logprobs` object of visible tokens, None where none were asked for."""
    if tokens is None:
        return None
    content = [
        TokenLogprob(
            token.token,
            token.logprob,
            list(token.bytes),
            [TopLogprob(text, logprob, list(text.encode())) for text, logprob in token.top],
        )
        for token in tokens
    ]
    return Logprobs(content, None)
