"""Writes a whole completion."""

from __future__ import annotations

import msgspec

from ...chat import Completion
from ..openai_chat.usage import usage_body
from .probability import Offsets

_encode = msgspec.json.Encoder().encode


def completion_body(completion: Completion, *, id: str, created: int, model: str, logprobs: bool) -> bytes:
    """Return the body of a `text_completion`; keys in OpenAI's order."""
    return _encode(
        {
            "id": id,
            "object": "text_completion",
            "created": created,
            "model": model,
            "system_fingerprint": completion.checkpoint,
            "choices": [
                {
                    "text": result.text,
                    "index": result.index,
                    "logprobs": Offsets().body(result.logprobs or ()) if logprobs else None,
                    "finish_reason": result.reason,
                }
                for result in completion.results
            ],
            "usage": usage_body(completion.usage),
        }
    )
