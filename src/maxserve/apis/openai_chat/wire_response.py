"""The answers of chat completions in OpenAI's form, whole and streamed."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ...chat import FinishReason
from ..response_struct import Struct


class Called(Struct):
    name: str
    arguments: Annotated[str, Meta(description="JSON text.")]


class Call(Struct):
    id: Annotated[str, Meta(description="Send it back with the result.")]
    type: Literal["function"]
    function: Called


class CalledPiece(Struct):
    name: Annotated[str | msgspec.UnsetType, Meta(description="In the call's first piece.")] = msgspec.UNSET
    arguments: Annotated[str | msgspec.UnsetType, Meta(description="A piece of JSON text.")] = msgspec.UNSET


class CallPiece(Struct):
    index: Annotated[int, Meta(ge=0, description="Which call of the answer.")]
    function: CalledPiece
    id: str | msgspec.UnsetType = msgspec.UNSET
    type: Literal["function"] | msgspec.UnsetType = msgspec.UNSET


class Thought(Struct):
    type: Literal["reasoning.text"]
    id: str
    format: str
    index: int
    text: str


class TopLogprob(Struct):
    token: str
    logprob: float
    bytes: list[Annotated[int, Meta(ge=0, le=255)]]


class TokenLogprob(Struct):
    token: str
    logprob: Annotated[float, Meta(description="The natural logarithm of its probability.")]
    bytes: Annotated[list[Annotated[int, Meta(ge=0, le=255)]], Meta(description="The token in UTF-8.")]
    top_logprobs: Annotated[list[TopLogprob], Meta(description="The likeliest tokens at its place.")]


class Logprobs(Struct):
    content: list[TokenLogprob]
    refusal: None


class PromptDetails(Struct):
    cached_tokens: Annotated[int, Meta(ge=0, description="What the prefix cache already knew.")]


class CompletionDetails(Struct):
    reasoning_tokens: Annotated[int, Meta(ge=0, description="The thinking.")]


class Usage(Struct):
    prompt_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer, of all results.")]
    total_tokens: Annotated[int, Meta(ge=0)]
    prompt_tokens_details: PromptDetails
    completion_tokens_details: CompletionDetails


class ResultMessage(Struct):
    role: Literal["assistant"]
    content: Annotated[str | None, Meta(description="The answer; null where there are only calls.")]
    refusal: None
    reasoning_content: Annotated[str | msgspec.UnsetType, Meta(description="The thinking.")] = msgspec.UNSET
    reasoning_details: Annotated[
        list[Thought] | msgspec.UnsetType, Meta(description="The thinking in MiniMax's list.")
    ] = msgspec.UNSET
    tool_calls: list[Call] | msgspec.UnsetType = msgspec.UNSET


class ResultChoice(Struct):
    index: Annotated[int, Meta(ge=0)]
    message: ResultMessage
    logprobs: Logprobs | None
    finish_reason: Annotated[
        FinishReason, Meta(description="`length`: the limit of tokens, or the end of the context, came first.")
    ]


class Completion(Struct):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    model: Annotated[str, Meta(description="The name that was asked for.")]
    choices: list[ResultChoice]
    usage: Usage
    system_fingerprint: Annotated[str, Meta(description="The weights that answered.")]


class Delta(Struct):
    role: Literal["assistant"] | msgspec.UnsetType = msgspec.UNSET
    content: Annotated[str | msgspec.UnsetType, Meta(description="A piece of the answer.")] = msgspec.UNSET
    reasoning_content: Annotated[str | msgspec.UnsetType, Meta(description="A piece of the thinking.")] = msgspec.UNSET
    reasoning_details: list[Thought] | msgspec.UnsetType = msgspec.UNSET
    tool_calls: list[CallPiece] | msgspec.UnsetType = msgspec.UNSET


class DeltaChoice(Struct):
    index: Annotated[int, Meta(ge=0)]
    delta: Delta
    logprobs: Logprobs | None
    finish_reason: Annotated[FinishReason | None, Meta(description="In the result's last frame.")]


class Chunk(Struct):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    system_fingerprint: str
    choices: Annotated[list[DeltaChoice], Meta(description="Empty in the frame with the usage.")]
    usage: Annotated[
        Usage | msgspec.UnsetType | None, Meta(description="With `include_usage`: null until the last frame.")
    ] = msgspec.UNSET


class Fault(Struct):
    message: Annotated[str, Meta(description="A sentence for people.")]
    type: str
    param: Annotated[str | None, Meta(description="The path of the field at fault.")]
    code: Annotated[str | None, Meta(description="Stable; decide by it.")]


class ErrorBody(Struct):
    """An error."""

    error: Fault
