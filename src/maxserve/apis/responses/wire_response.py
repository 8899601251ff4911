"""Responses, whole and streamed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from ..openai_chat.wire_response import Fault, TokenLogprob
from ..response_struct import Struct

ItemStatus = Literal["in_progress", "completed", "incomplete"]


class OutputText(Struct, tag="output_text", tag_field="type"):
    text: str
    annotations: list[Any]
    logprobs: list[TokenLogprob]


class ReasoningText(Struct, tag="reasoning_text", tag_field="type"):
    text: str


class Said(Struct, tag="message", tag_field="type"):
    """The answer."""

    id: str
    status: ItemStatus
    role: Literal["assistant"]
    content: list[OutputText]


class Thought(Struct, tag="reasoning", tag_field="type"):
    """The thinking."""

    id: str
    summary: list[Any]
    content: list[ReasoningText]
    encrypted_content: Annotated[
        str | None, Meta(description="The thought once more, signed, where `include` asks for it.")
    ]
    status: ItemStatus


class Called(Struct, tag="function_call", tag_field="type"):
    """A call of a function."""

    id: str
    status: ItemStatus
    call_id: Annotated[str, Meta(description="Send it back with the result.")]
    name: str
    arguments: Annotated[str, Meta(description="JSON text.")]
    namespace: str | UnsetType = UNSET


class CustomCalled(Struct, tag="custom_tool_call", tag_field="type"):
    """A call of a tool that takes free text."""

    id: str
    status: ItemStatus
    call_id: str
    name: str
    input: str
    namespace: str | UnsetType = UNSET


Item = Said | Thought | Called | CustomCalled


class Failure(Struct):
    code: Literal["context_length_exceeded", "invalid_prompt", "server_error"]
    message: str


class Incomplete(Struct):
    reason: Literal["max_output_tokens", "content_filter"]


class Effort(Struct):
    effort: str | None
    summary: str | None


class TextForm(Struct):
    format: dict[str, Any]
    verbosity: str


class InputDetails(Struct):
    cached_tokens: Annotated[int, Meta(ge=0, description="What the prefix cache already knew.")]
    cache_write_tokens: int


class OutputDetails(Struct):
    reasoning_tokens: Annotated[int, Meta(ge=0, description="The thinking.")]


class Usage(Struct):
    input_tokens: Annotated[int, Meta(ge=0)]
    input_tokens_details: InputDetails
    output_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer.")]
    output_tokens_details: OutputDetails
    total_tokens: Annotated[int, Meta(ge=0)]


class Response(Struct):
    """A response; what was asked is repeated."""

    id: str
    object: Literal["response"]
    created_at: Annotated[int, Meta(description="Unix seconds.")]
    status: Literal["completed", "incomplete", "in_progress", "failed"]
    background: Literal[False]
    completed_at: None
    error: Failure | None
    incomplete_details: Incomplete | None
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    model: str
    output: list[Item]
    parallel_tool_calls: bool
    previous_response_id: None
    prompt_cache_key: str | None
    reasoning: Effort
    safety_identifier: str | None
    service_tier: str
    store: Annotated[Literal[False], Meta(description="Nothing is kept.")]
    temperature: float | None
    text: TextForm
    tool_choice: str | dict[str, Any]
    tools: list[dict[str, Any]]
    top_logprobs: int
    top_p: float | None
    truncation: Literal["disabled"]
    usage: Usage | None
    user: str | None
    metadata: dict[str, str]


class _Frame(Struct, kw_only=True, tag_field="type"):
    sequence_number: Annotated[int, Meta(ge=0)]


class Created(_Frame, tag="response.created"):
    response: Response


class InProgress(_Frame, tag="response.in_progress"):
    response: Response


class Completed(_Frame, tag="response.completed"):
    response: Response


class EndedEarly(_Frame, tag="response.incomplete"):
    response: Response


class Failed(_Frame, tag="response.failed"):
    response: Response


class ItemAdded(_Frame, tag="response.output_item.added"):
    output_index: int
    item: Item


class ItemDone(_Frame, tag="response.output_item.done"):
    output_index: int
    item: Item


class _Place(_Frame, kw_only=True):
    item_id: str
    output_index: int


class PartAdded(_Place, tag="response.content_part.added"):
    content_index: int
    part: OutputText | ReasoningText


class PartDone(_Place, tag="response.content_part.done"):
    content_index: int
    part: OutputText | ReasoningText


class TextDelta(_Place, tag="response.output_text.delta"):
    content_index: int
    delta: str
    logprobs: list[TokenLogprob]


class TextDone(_Place, tag="response.output_text.done"):
    content_index: int
    text: str
    logprobs: list[TokenLogprob]


class ReasoningDelta(_Place, tag="response.reasoning_text.delta"):
    content_index: int
    delta: str


class ReasoningDone(_Place, tag="response.reasoning_text.done"):
    content_index: int
    text: str


class ArgumentsDelta(_Place, tag="response.function_call_arguments.delta"):
    delta: str


class ArgumentsDone(_Place, tag="response.function_call_arguments.done"):
    arguments: str


class InputDelta(_Place, tag="response.custom_tool_call_input.delta"):
    delta: str


class InputDone(_Place, tag="response.custom_tool_call_input.done"):
    input: str


class Broken(_Frame, tag="error"):
    """An error in mid-stream, after `response.failed`."""

    error: Fault


EVENTS = (
    Created, InProgress, Completed, EndedEarly, Failed, ItemAdded, ItemDone, PartAdded, PartDone, TextDelta, TextDone,
    ReasoningDelta, ReasoningDone, ArgumentsDelta, ArgumentsDone, InputDelta, InputDone, Broken,
)  # fmt: skip
