"""Cloudsway's answers, whole and streamed (docs/wire/minimax.md §1.5)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ...chat import FinishReason
from ..openai_chat.wire_response import Call, CallPiece, Logprobs
from ..response_struct import Struct


class Thought(Struct):
    type: Literal["reasoning.text"]
    text: str
    signature: None


class CompletionDetails(Struct):
    accepted_prediction_tokens: int
    audio_tokens: int
    image_tokens: int
    reasoning_tokens: Annotated[int, Meta(ge=0, description="The thinking.")]
    rejected_prediction_tokens: int


class PromptDetails(Struct):
    audio_tokens: int
    cached_tokens: Annotated[int, Meta(ge=0, description="What the prefix cache already knew.")]
    image_tokens: int


class Usage(Struct):
    prompt_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens: Annotated[int, Meta(ge=0)]
    total_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens_details: CompletionDetails
    prompt_tokens_details: PromptDetails


class ResultMessage(Struct):
    role: Literal["assistant"]
    content: Annotated[str | None, Meta(description="The answer; null where there are only calls.")]
    reasoning_details: Annotated[
        list[Thought] | UnsetType, Meta(description="The thinking, with `reasoning_split: true`.")
    ] = UNSET
    tool_calls: list[Call] | UnsetType = UNSET


class ResultChoice(Struct, kw_only=True):
    index: int
    message: ResultMessage
    logprobs: Logprobs | UnsetType = UNSET
    finish_reason: FinishReason
    native_finish_reason: FinishReason


class Completion(Struct):
    """A whole answer."""

    id: str
    choices: list[ResultChoice]
    created: Annotated[int, Meta(description="Unix seconds.")]
    model: Annotated[str, Meta(description="Cloudsway's name of the model.")]
    object: Literal["chat.completion"]
    usage: Usage


class Delta(Struct):
    role: Literal["assistant"] | UnsetType = UNSET
    content: Annotated[str | UnsetType, Meta(description="A piece of the answer.")] = UNSET
    reasoning_details: list[Thought] | UnsetType = UNSET
    tool_calls: list[CallPiece] | UnsetType = UNSET


class DeltaChoice(Struct):
    index: int
    delta: Delta
    finish_reason: FinishReason | None
    native_finish_reason: FinishReason | None
    logprobs: Logprobs | UnsetType = UNSET


class Chunk(Struct):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    id: str
    choices: Annotated[list[DeltaChoice], Meta(description="Empty in the frame with the usage.")]
    created: int
    model: str
    object: Literal["chat.completion.chunk"]
    usage: Annotated[Usage | UnsetType | None, Meta(description="With `include_usage`: null until the last frame.")] = (
        UNSET
    )
