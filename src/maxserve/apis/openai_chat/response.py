"""Writes a whole chat completion."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from ...chat import CompletedToolCall, CompletionChoice
from ...chat import Completion as ChatCompletion
from .thought import inline, reasoning_details
from .usage import logprobs_body, usage_body
from .wire_response import Call, Called, Completion, ResultChoice, ResultMessage

_encode = msgspec.json.Encoder().encode


def chat_body(completion: ChatCompletion, *, id: str, created: int, model: str, family: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`."""
    choices = [
        ResultChoice(result.index, _message(result, family, split), logprobs_body(result.logprobs), result.reason)
        for result in completion.results
    ]
    return _encode(
        Completion(
            id=id,
            object="chat.completion",
            created=created,
            model=model,
            choices=choices,
            usage=usage_body(completion.usage),
            system_fingerprint=completion.checkpoint,
        )
    )


def tool_calls_body(calls: Iterable[CompletedToolCall]) -> list[Call]:
    """Return the `tool_calls` of a message."""
    return [Call(call.id, "function", Called(call.name, call.arguments)) for call in calls]


def _message(result: CompletionChoice, family: str, split: bool) -> ResultMessage:
    text = result.text
    if not split and result.reasoning:
        text = inline(result.reasoning, family) + text
    return ResultMessage(
        role="assistant",
        content=text if text or not result.calls else None,
        refusal=None,
        reasoning_content=result.reasoning if split else UNSET,
        reasoning_details=reasoning_details(result.reasoning) if split and result.reasoning else UNSET,
        tool_calls=tool_calls_body(result.calls) if result.calls else UNSET,
    )
