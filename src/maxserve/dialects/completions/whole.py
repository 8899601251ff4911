"""Writes a whole completion."""

from __future__ import annotations

import msgspec

from ...chat import Gathered
from ..openai.usage import usage_body
from .probability import Offsets

_encode = msgspec.json.Encoder().encode


def completion_body(gathered: Gathered, *, id: str, created: int, model: str, logprobs: bool) -> bytes:
    """Return the body of a `text_completion`; keys in OpenAI's order."""
    return _encode(
        {
            "id": id,
            "object": "text_completion",
            "created": created,
            "model": model,
            "system_fingerprint": gathered.checkpoint,
            "choices": [
                {
                    "text": result.text,
                    "index": result.index,
                    "logprobs": Offsets().body(result.logprobs or ()) if logprobs else None,
                    "finish_reason": result.reason,
                }
                for result in gathered.results
            ],
            "usage": usage_body(gathered.usage),
        }
    )
