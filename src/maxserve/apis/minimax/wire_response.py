"""MiniMax's envelope, whole and streamed (docs/wire/minimax.md §4 to §6)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ...chat import FinishReason
from ..openai_chat.wire_response import Called, CalledPiece, CompletionDetails, Logprobs, PromptDetails, Thought
from ..response_struct import Struct


class Call(Struct):
    id: Annotated[str, Meta(description="Send it back with the result.")]
    type: Literal["function"]
    function: Called
    index: Annotated[int, Meta(ge=0)]


class CallPiece(Struct):
    function: CalledPiece
    index: Annotated[int, Meta(ge=0, description="Which call of the answer.")]
    id: str | UnsetType = UNSET
    type: Literal["function"] | UnsetType = UNSET


class Usage(Struct):
    total_tokens: Annotated[int, Meta(ge=0)]
    prompt_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer, of all results.")]
    total_characters: Annotated[int, Meta(ge=0)]
    completion_tokens_details: CompletionDetails
    prompt_tokens_details: PromptDetails


class BaseResp(Struct):
    """MiniMax's own verdict: 0 is success."""

    status_code: int
    status_msg: str


class ResultMessage(Struct):
    role: Literal["assistant"]
    content: Annotated[str, Meta(description="The answer; thinking comes first, as a `<think>` block, if not split.")]
    name: str
    audio_content: str
    reasoning_content: Annotated[str | UnsetType, Meta(description="The thinking, with `reasoning_split`.")] = UNSET
    reasoning_details: Annotated[list[Thought] | UnsetType, Meta(description="The thinking in a list.")] = UNSET
    tool_calls: list[Call] | UnsetType = UNSET


class ResultChoice(Struct, kw_only=True):
    index: Annotated[int, Meta(ge=0)]
    message: ResultMessage
    logprobs: Logprobs | UnsetType = UNSET
    finish_reason: FinishReason


class Completion(Struct):
    """A whole answer."""

    id: str
    choices: list[ResultChoice]
    created: Annotated[int, Meta(description="Unix seconds.")]
    model: Annotated[str, Meta(description="MiniMax's name of the model.")]
    object: Literal["chat.completion"]
    usage: Usage
    input_sensitive: bool
    output_sensitive: bool
    base_resp: BaseResp
    input_sensitive_type: int
    output_sensitive_type: int
    output_sensitive_int: int


class Delta(Struct):
    content: Annotated[str, Meta(description="A piece of the answer.")]
    role: Literal["assistant"]
    name: str
    audio_content: str
    reasoning_content: Annotated[str | UnsetType, Meta(description="A piece of the thinking.")] = UNSET
    reasoning_details: list[Thought] | UnsetType = UNSET
    tool_calls: list[CallPiece] | UnsetType = UNSET


class DeltaChoice(Struct):
    index: Annotated[int, Meta(ge=0)]
    delta: Delta
    finish_reason: Annotated[FinishReason | UnsetType, Meta(description="In the result's last frame.")] = UNSET
    logprobs: Logprobs | UnsetType = UNSET


class Chunk(Struct):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    id: str
    choices: Annotated[list[DeltaChoice], Meta(description="Empty in the frame with the usage.")]
    created: int
    model: str
    object: Literal["chat.completion.chunk"]
    usage: Annotated[Usage | None, Meta(description="With `include_usage`, in the last frame.")]
    base_resp: BaseResp | UnsetType = UNSET
    input_sensitive: bool | UnsetType = UNSET
    output_sensitive: bool | UnsetType = UNSET
    input_sensitive_type: int | UnsetType = UNSET
    output_sensitive_type: int | UnsetType = UNSET
    output_sensitive_int: int | UnsetType = UNSET


class NoUsage(Struct):
    total_tokens: int
    total_characters: int


class NativeFault(Struct):
    """An error of the native path: the envelope without choices; `base_resp` says what went wrong."""

    id: str
    choices: None
    created: int
    model: str
    object: Literal["chat.completion"]
    usage: NoUsage
    input_sensitive: bool
    output_sensitive: bool
    base_resp: BaseResp
    input_sensitive_type: int
    output_sensitive_type: int
    output_sensitive_int: int


class Fault(Struct):
    type: str
    message: Annotated[str, Meta(description="A sentence; MiniMax's number stands at its end.")]
    http_code: str


class ErrorBody(Struct):
    """An error."""

    type: Literal["error"]
    error: Fault
    request_id: str
