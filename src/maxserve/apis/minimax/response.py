"""Writes a whole answer in MiniMax's envelope (docs/wire/minimax.md §4.3, §4.4, §4.6; keys in the samples' order)."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Completion, CompletionChoice
from ..openai_chat.thought import inline, reasoning_details
from ..openai_chat.usage import logprobs_body
from .sensitivity import refuse
from .usage import usage_body

_encode = msgspec.json.Encoder().encode
NAME = "MiniMax AI"
"""Who speaks in every answer, whatever names the request gave."""


def chat_body(completion: Completion, *, id: str, created: int, model: str, family: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`."""
    return _encode(envelope(completion, id=id, created=created, model=model, family=family, split=split))


def envelope(completion: Completion, *, id: str, created: int, model: str, family: str, split: bool) -> dict[str, Any]:
    """Return the `chat.completion` as an object, for those who wrap or extend it.

    What the server's rules found is told; an answer that they block is no answer: raises `SensitiveAnswer`
    (docs/wire/minimax.md §4.7).
    """
    found = completion.sensitivity
    for result in completion.results:
        refuse(result.reason, result.sensitivity)
    return {
        "id": id,
        "choices": [_choice(result, family, split) for result in completion.results],
        "created": created,
        "model": model,
        "object": "chat.completion",
        "usage": usage_body(completion.usage),
        "input_sensitive": bool(found.input),
        "output_sensitive": bool(found.output),
        "base_resp": {"status_code": 0, "status_msg": ""},
        "input_sensitive_type": found.input,
        "output_sensitive_type": found.output,
        "output_sensitive_int": 0,
    }


def _choice(result: CompletionChoice, family: str, split: bool) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": result.index, "message": _message(result, family, split)}
    if result.logprobs is not None:
        choice["logprobs"] = logprobs_body(result.logprobs)
    choice["finish_reason"] = result.reason
    return choice


def _message(result: CompletionChoice, family: str, split: bool) -> dict[str, Any]:
    text = result.text
    if not split and result.reasoning:
        text = inline(result.reasoning, family) + text
    message: dict[str, Any] = {"role": "assistant", "content": text, "name": NAME, "audio_content": ""}
    if split:
        message["reasoning_content"] = result.reasoning
        if result.reasoning:
            message["reasoning_details"] = reasoning_details(result.reasoning)
    if result.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
                "index": index,
            }
            for index, call in enumerate(result.calls)
        ]
    return message
