"""Writes a whole answer in MiniMax's envelope (docs/wire/minimax.md §4.3, §4.4, §4.6; keys in the samples' order)."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from ...chat import Completion as ChatCompletion
from ...chat import CompletionChoice
from ..openai_chat.thought import inline, reasoning_details
from ..openai_chat.usage import logprobs_body
from ..openai_chat.wire_response import Called
from .sensitivity import refuse
from .usage import usage_body
from .wire_response import BaseResp, Call, Completion, ResultChoice, ResultMessage

_encode = msgspec.json.Encoder().encode
NAME = "MiniMax AI"
"""The speaker of every answer, whatever names the request gave."""


def chat_body(completion: ChatCompletion, *, id: str, created: int, model: str, family: str, split: bool) -> bytes:
    """Return the body of a `chat.completion`."""
    return _encode(envelope(completion, id=id, created=created, model=model, family=family, split=split))


def envelope(completion: ChatCompletion, *, id: str, created: int, model: str, family: str, split: bool) -> Completion:
    """Return the `chat.completion` as a struct, for APIs that extend it.

    Raises `SensitiveAnswer` where the moderation blocks the answer (docs/wire/minimax.md §4.7).
    """
    found = completion.sensitivity
    for result in completion.results:
        refuse(result.reason, result.sensitivity)
    return Completion(
        id=id,
        choices=[_choice(result, family, split) for result in completion.results],
        created=created,
        model=model,
        object="chat.completion",
        usage=usage_body(completion.usage),
        input_sensitive=bool(found.input),
        output_sensitive=bool(found.output),
        base_resp=BaseResp(0, ""),
        input_sensitive_type=found.input,
        output_sensitive_type=found.output,
        output_sensitive_int=0,
    )


def _choice(result: CompletionChoice, family: str, split: bool) -> ResultChoice:
    return ResultChoice(
        index=result.index,
        message=_message(result, family, split),
        logprobs=logprobs_body(result.logprobs) or UNSET,
        finish_reason=result.reason,
    )


def _message(result: CompletionChoice, family: str, split: bool) -> ResultMessage:
    text = result.text
    if not split and result.reasoning:
        text = inline(result.reasoning, family) + text
    calls = [
        Call(call.id, "function", Called(call.name, call.arguments), index) for index, call in enumerate(result.calls)
    ]
    return ResultMessage(
        role="assistant",
        content=text,
        name=NAME,
        audio_content="",
        reasoning_content=result.reasoning if split else UNSET,
        reasoning_details=reasoning_details(result.reasoning) if split and result.reasoning else UNSET,
        tool_calls=calls or UNSET,
    )
