"""Writes a whole completion."""

from __future__ import annotations

import msgspec

from ...chat import Completion as ChatCompletion
from ..openai_chat.usage import usage_body
from .probability import Offsets
from .wire_response import Completion, TextChoice

_encode = msgspec.json.Encoder().encode


def completion_body(completion: ChatCompletion, *, id: str, created: int, model: str, logprobs: bool) -> bytes:
    """Return the body of a `text_completion`."""
    choices = [
        TextChoice(
            result.text, result.index, Offsets().body(result.logprobs or ()) if logprobs else None, result.reason
        )
        for result in completion.results
    ]
    return _encode(
        Completion(
            id=id,
            object="text_completion",
            created=created,
            model=model,
            system_fingerprint=completion.checkpoint,
            choices=choices,
            usage=usage_body(completion.usage),
        )
    )
