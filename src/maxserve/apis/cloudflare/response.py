"""Whole answers: MiniMax's envelope with what Cloudflare adds and leaves out (docs/wire/cloudflare.md §1)."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Completion, Usage
from ..adapter import ResponseContext
from ..minimax import envelope, trace_id

_encode = msgspec.json.Encoder().encode
METADATA = {"keySource": "Unified"}


def chat_object(completion: Completion, reply: ResponseContext) -> dict[str, Any]:
    """Return the chat completion; thoughts are always in fields of their own."""
    model = reply.model
    body = envelope(
        completion,
        id=trace_id(reply.context),
        created=reply.context.created,
        model=model.name,
        family=model.family,
        split=True,
    )
    body["usage"] = usage_body(completion.usage, model.family)
    body["gatewayMetadata"] = METADATA
    return body


def chat_body(completion: Completion, reply: ResponseContext) -> bytes:
    """Return the bare body, as `/ai/v1/chat/completions` and the binding answer."""
    return _encode(chat_object(completion, reply))


def enveloped(result: bytes) -> bytes:
    """Return a body inside the v4 envelope of success, as `/ai/run` answers."""
    return b'{"result":' + result + b',"success":true,"errors":[],"messages":[]}'


def usage_body(usage: Usage, family: str) -> dict[str, Any]:
    """Return the token counts: M2's details are the completion's, M3's the prompt's, in every published sample."""
    counts: dict[str, Any] = {
        "total_tokens": usage.total,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_characters": 0,
    }
    if family == "m3":
        counts["prompt_tokens_details"] = {"cached_tokens": usage.cached}
    else:
        counts["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    return counts
