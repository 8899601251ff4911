"""Anthropic's messages, whole and streamed (docs/wire/minimax.md §7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from ..response_struct import Struct

StopReason = Literal["end_turn", "max_tokens", "tool_use", "stop_sequence", "refusal"]


class SaidText(Struct, tag="text", tag_field="type"):
    text: str


class ThinkingBlock(Struct, tag="thinking", tag_field="type"):
    thinking: Annotated[str, Meta(description="The thought; empty with `thinking.display: omitted`.")]
    signature: Annotated[str, Meta(description="Send it back with the thought.")]


class ToolUse(Struct, tag="tool_use", tag_field="type"):
    id: Annotated[str, Meta(description="Send it back with the result.")]
    name: str
    input: dict[str, Any]


Content = SaidText | ThinkingBlock | ToolUse


class OutputDetails(Struct):
    thinking_tokens: Annotated[int, Meta(ge=0)]


class Counts(Struct):
    input_tokens: Annotated[int, Meta(ge=0, description="Without what the prefix cache knew.")]
    cache_creation_input_tokens: int
    cache_read_input_tokens: Annotated[int, Meta(ge=0)]
    output_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer.")]
    output_tokens_details: OutputDetails
    service_tier: str | UnsetType = UNSET


class Reply(Struct):
    """A whole answer."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: Annotated[str, Meta(description="The name that was asked for.")]
    content: list[Content]
    stop_reason: StopReason | None
    stop_sequence: Annotated[str | None, Meta(description="The stop sequence that ended it.")]
    usage: Counts


class Tokens(Struct):
    """How large the prompt is."""

    input_tokens: Annotated[int, Meta(ge=0)]


class Start(Struct, tag="message_start", tag_field="type"):
    """The first event: the message without its content."""

    message: Reply


class BlockStart(Struct, tag="content_block_start", tag_field="type"):
    """A block begins."""

    index: Annotated[int, Meta(ge=0)]
    content_block: Content


class TextDelta(Struct, tag="text_delta", tag_field="type"):
    text: str


class ThinkingDelta(Struct, tag="thinking_delta", tag_field="type"):
    thinking: str


class SignatureDelta(Struct, tag="signature_delta", tag_field="type"):
    signature: str


class InputDelta(Struct, tag="input_json_delta", tag_field="type"):
    partial_json: Annotated[str, Meta(description="A piece of JSON text.")]


class BlockDelta(Struct, tag="content_block_delta", tag_field="type"):
    """A piece of a block."""

    index: Annotated[int, Meta(ge=0)]
    delta: TextDelta | ThinkingDelta | SignatureDelta | InputDelta


class BlockStop(Struct, tag="content_block_stop", tag_field="type"):
    """A block ends."""

    index: Annotated[int, Meta(ge=0)]


class Stopped(Struct):
    stop_reason: StopReason
    stop_sequence: str | None


class MessageDelta(Struct, tag="message_delta", tag_field="type"):
    """Why it ended, and the true counts."""

    delta: Stopped
    usage: Counts


class Stop(Struct, tag="message_stop", tag_field="type"):
    """The last event."""


class Ping(Struct, tag="ping", tag_field="type"):
    """A sign of life."""


EVENTS = (Start, BlockStart, BlockDelta, BlockStop, MessageDelta, Stop, Ping)


class FaultDetails(Struct):
    error_code: str


class Fault(Struct):
    type: str
    message: Annotated[str, Meta(description="A sentence for people.")]
    details: Annotated[FaultDetails | UnsetType, Meta(description="What Anthropic's SDKs look for.")] = UNSET


class ErrorBody(Struct):
    """An error."""

    type: Literal["error"]
    error: Fault
    request_id: str
