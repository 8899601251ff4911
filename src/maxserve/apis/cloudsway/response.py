"""Writes a whole answer of Cloudsway's (docs/wire/minimax.md §1.5)."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from ...chat import Completion as ChatCompletion
from ...chat import CompletionChoice
from ..openai_chat.response import tool_calls_body
from ..openai_chat.usage import logprobs_body
from .usage import usage_body
from .wire_response import Completion, ResultChoice, ResultMessage, Thought

_encode = msgspec.json.Encoder().encode


def chat_body(completion: ChatCompletion, *, id: str, created: int, model: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`; `logprobs` only where they were asked for."""
    return _encode(
        Completion(
            id=id,
            choices=[_choice(result, split) for result in completion.results],
            created=created,
            model=model,
            object="chat.completion",
            usage=usage_body(completion.usage),
        )
    )


def _choice(result: CompletionChoice, split: bool) -> ResultChoice:
    return ResultChoice(
        index=result.index,
        message=_message(result, split),
        logprobs=logprobs_body(result.logprobs) or UNSET,
        finish_reason=result.reason,
        native_finish_reason=result.reason,
    )


def _message(result: CompletionChoice, split: bool) -> ResultMessage:
    thought = [Thought("reasoning.text", result.reasoning, None)] if split and result.reasoning else UNSET
    return ResultMessage(
        role="assistant",
        content=result.text if result.text or not result.calls else None,
        reasoning_details=thought,
        tool_calls=tool_calls_body(result.calls) if result.calls else UNSET,
    )
