"""Runware's answers of chat completions, whole and streamed, and its list of models (docs/wire/runware.md §8)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ...chat import FinishReason
from ..openai_chat import wire_response as chat
from ..response_struct import Struct


class RunwareUsage(chat.Usage):
    cost: Annotated[float, Meta(ge=0, description="US dollars.")]


class RunwareMessage(Struct):
    role: Literal["assistant"]
    content: Annotated[str | None, Meta(description="The answer; null where there are only calls.")]
    reasoning_content: Annotated[str | UnsetType, Meta(description="The thinking.")] = UNSET
    tool_calls: list[chat.Call] | UnsetType = UNSET


class RunwareChoice(Struct):
    index: Annotated[int, Meta(ge=0)]
    message: RunwareMessage
    logprobs: chat.Logprobs | None
    finish_reason: FinishReason


class RunwareCompletion(Struct):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    model: Annotated[str, Meta(description="The name that was asked for.")]
    choices: list[RunwareChoice]
    usage: RunwareUsage
    system_fingerprint: Annotated[str, Meta(description="The weights that answered.")]


class RunwareDelta(Struct):
    role: Literal["assistant"] | UnsetType = UNSET
    content: Annotated[str | UnsetType, Meta(description="A piece of the answer.")] = UNSET
    reasoning_content: Annotated[str | UnsetType, Meta(description="A piece of the thinking.")] = UNSET
    tool_calls: list[chat.CallPiece] | UnsetType = UNSET


class RunwareDeltaChoice(Struct):
    index: Annotated[int, Meta(ge=0)]
    delta: RunwareDelta
    logprobs: chat.Logprobs | None
    finish_reason: Annotated[FinishReason | None, Meta(description="In the result's last frame.")]


class RunwareChunk(Struct):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    system_fingerprint: str
    choices: Annotated[list[RunwareDeltaChoice], Meta(description="Empty in the frame with the usage.")]
    usage: Annotated[
        RunwareUsage | UnsetType | None, Meta(description="With `include_usage`: null until the last frame.")
    ] = UNSET


class RunwareIssue(Struct):
    code: Annotated[str, Meta(description="Runware's word for what is wrong; stable.")]
    message: Annotated[str, Meta(description="A sentence for people.")]
    parameter: Annotated[str | list[str] | UnsetType, Meta(description="The path of the field at fault.")] = UNSET
    task_type: str | UnsetType = field(name="taskType", default=UNSET)


class RunwareChatError(Struct):
    """An error, as OpenAI's clients read it and as Runware's do."""

    error: chat.Fault
    errors: list[RunwareIssue]


class RunwarePricing(Struct):
    prompt: Annotated[str, Meta(description="US dollars per token, as text.")]
    completion: str
    input_cache_read: str


class RunwareModel(Struct):
    """A model, as Runware's OpenAI-compatible list has it."""

    id: Annotated[str, Meta(description="Its AIR name.")]
    object: Literal["model"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    owned_by: str
    name: str
    context_length: Annotated[int, Meta(ge=1, description="Tokens.")]
    max_output_tokens: Annotated[int, Meta(ge=1, description="Tokens.")]
    pricing: RunwarePricing
