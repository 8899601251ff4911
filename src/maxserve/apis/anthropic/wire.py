"""The structs of a Messages request, decoded once; unknown fields are tolerated, as betas add some every month."""

from __future__ import annotations

from typing import Any

import msgspec


class Text(msgspec.Struct, tag="text", tag_field="type"):
    text: str


class Base64(msgspec.Struct, tag="base64", tag_field="type"):
    data: str
    media_type: str


class Url(msgspec.Struct, tag="url", tag_field="type"):
    url: str


class Image(msgspec.Struct, tag="image", tag_field="type"):
    source: Base64 | Url


class Thought(msgspec.Struct, tag="thinking", tag_field="type"):
    thinking: str
    signature: str | None = None


class Redacted(msgspec.Struct, tag="redacted_thinking", tag_field="type"):
    data: Any = None


class Use(msgspec.Struct, tag="tool_use", tag_field="type"):
    id: str
    name: str
    input: dict[str, Any] | None = None


class Result(msgspec.Struct, tag="tool_result", tag_field="type"):
    tool_use_id: str
    content: str | list[Text | Image] | None = None
    is_error: bool | None = None


class MidSystem(msgspec.Struct, tag="mid_conv_system", tag_field="type"):
    content: str | list[Text]


Block = Text | Image | Thought | Redacted | Use | Result | MidSystem


class Message(msgspec.Struct):
    role: str
    content: str | list[Block] | None = None
    name: str | None = None


class Tool(msgspec.Struct):
    name: str | None = None
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    strict: bool | None = None


class Choice(msgspec.Struct):
    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Thinking(msgspec.Struct):
    type: str
    budget_tokens: int | None = None
    display: str | None = None


class Format(msgspec.Struct):
    type: str
    schema: dict[str, Any] | None = None


class OutputConfig(msgspec.Struct):
    effort: str | None = None
    format: Format | None = None


class Metadata(msgspec.Struct):
    user_id: str | None = None


class MessagesRequest(msgspec.Struct):
    """The body of `POST /v1/messages` and of `…/count_tokens`; null means absent everywhere."""

    model: str
    messages: list[Message]
    system: str | list[Text] | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    tools: list[Tool] | None = None
    tool_choice: Choice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: Format | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None
    thread: dict[str, Any] | None = None
