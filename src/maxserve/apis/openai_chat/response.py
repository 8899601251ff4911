"""Writes a whole chat completion."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Completion, CompletionChoice
from .thought import inline, reasoning_details
from .usage import logprobs_body, usage_body

_encode = msgspec.json.Encoder().encode


def chat_body(completion: Completion, *, id: str, created: int, model: str, family: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`; keys in OpenAI's order."""
    return _encode(
        {
            "id": id,
            "object": "chat.completion",
            "created": created,
            "model": model,
            "choices": [
                {
                    "index": result.index,
                    "message": _message(result, family, split),
                    "logprobs": logprobs_body(result.logprobs),
                    "finish_reason": result.reason,
                }
                for result in completion.results
            ],
            "usage": usage_body(completion.usage),
            "system_fingerprint": completion.checkpoint,
        }
    )


def _message(result: CompletionChoice, family: str, split: bool) -> dict[str, Any]:
    text = result.text
    if not split and result.reasoning:
        text = inline(result.reasoning, family) + text
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text if text or not result.calls else None,
        "refusal": None,
    }
    if split:
        message["reasoning_content"] = result.reasoning
        if result.reasoning:
            message["reasoning_details"] = reasoning_details(result.reasoning)
    if result.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in result.calls
        ]
    return message
