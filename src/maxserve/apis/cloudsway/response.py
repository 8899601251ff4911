"""Writes a whole answer of Cloudsway's (docs/wire/minimax.md §1.5)."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Completion, CompletionChoice
from ..openai_chat.usage import logprobs_body
from .usage import usage_body

_encode = msgspec.json.Encoder().encode


def chat_body(completion: Completion, *, id: str, created: int, model: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`; keys in the page's order, `logprobs` only where they were asked for."""
    return _encode(
        {
            "id": id,
            "choices": [_choice(result, split) for result in completion.results],
            "created": created,
            "model": model,
            "object": "chat.completion",
            "usage": usage_body(completion.usage),
        }
    )


def _choice(result: CompletionChoice, split: bool) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": result.index, "message": _message(result, split)}
    if result.logprobs is not None:
        choice["logprobs"] = logprobs_body(result.logprobs)
    choice["finish_reason"] = choice["native_finish_reason"] = result.reason
    return choice


def _message(result: CompletionChoice, split: bool) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": result.text if result.text or not result.calls else None,
    }
    if split and result.reasoning:
        message["reasoning_details"] = [{"type": "reasoning.text", "text": result.reasoning, "signature": None}]
    if result.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in result.calls
        ]
    return message
