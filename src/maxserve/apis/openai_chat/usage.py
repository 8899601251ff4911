"""Token counts in OpenAI's form."""

from __future__ import annotations

from typing import Any

from ...chat import TokenLogprob, Usage


def usage_body(usage: Usage) -> dict[str, Any]:
    """Return the `usage` object: cached is part of prompt, reasoning part of completion."""
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def logprobs_body(tokens: list[TokenLogprob] | tuple[TokenLogprob, ...] | None) -> dict[str, Any] | None:
    """Return the `logprobs` object of visible tokens, None where none were asked for."""
    if tokens is None:
        return None
    return {
        "content": [
            {
                "token": token.token,
                "logprob": token.logprob,
                "bytes": list(token.bytes),
                "top_logprobs": [
                    {"token": text, "logprob": logprob, "bytes": list(text.encode())} for text, logprob in token.top
                ],
            }
            for token in tokens
        ],
        "refusal": None,
    }
