"""The structs of a chat-completions request, decoded once; unknown fields are tolerated as OpenAI's SDKs need."""

from __future__ import annotations

from typing import Any

import msgspec

from ..sampling import SamplingFields


class Text(msgspec.Struct, tag="text", tag_field="type"):
    text: str


class Refusal(msgspec.Struct, tag="refusal", tag_field="type"):
    refusal: str


class ImageUrl(msgspec.Struct):
    url: str
    detail: str | None = None


class Image(msgspec.Struct, tag="image_url", tag_field="type"):
    image_url: ImageUrl | str


class Audio(msgspec.Struct, tag="input_audio", tag_field="type"):
    input_audio: Any = None


class File(msgspec.Struct, tag="file", tag_field="type"):
    file: Any = None


class Video(msgspec.Struct, tag="video_url", tag_field="type"):
    video_url: Any = None


Part = Text | Refusal | Image | Audio | File | Video


class CalledFunction(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] | None = None


class CalledTool(msgspec.Struct):
    function: CalledFunction
    id: str | None = None
    type: str | None = "function"


class ReasoningDetail(msgspec.Struct):
    text: str | None = None


class Message(msgspec.Struct):
    role: str
    content: str | list[Part] | None = None
    name: str | None = None
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[ReasoningDetail] | None = None
    function_call: Any = None


class Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(msgspec.Struct):
    type: str
    function: Function | None = None


class NamedFunction(msgspec.Struct):
    name: str


class AllowedTools(msgspec.Struct):
    mode: str
    tools: list[Tool]


class Choice(msgspec.Struct):
    type: str
    function: NamedFunction | None = None
    allowed_tools: AllowedTools | None = None


class Schema(msgspec.Struct):
    name: str
    schema: dict[str, Any] | None = None
    description: str | None = None
    strict: bool | None = None


class Format(msgspec.Struct):
    type: str
    json_schema: Schema | None = None


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class Thinking(msgspec.Struct):
    type: str
    budget_tokens: int | None = None


class Reasoning(msgspec.Struct):
    effort: str | None = None
    enabled: bool | None = None
    max_tokens: int | None = None


class TemplateArguments(msgspec.Struct):
    thinking_mode: str | None = None
    enable_thinking: bool | None = None


class ChatRequest(SamplingFields):
    """The body of `POST /v1/chat/completions`; null means absent everywhere. A path may stand for the model."""

    messages: list[Message]
    model: str | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: dict[str, float] | None = None
    tools: list[Tool] | None = None
    tool_choice: str | Choice | None = None
    parallel_tool_calls: bool | None = None
    response_format: Format | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    safety_identifier: str | None = None
    reasoning_effort: str | None = None
    reasoning: Reasoning | str | None = None
    thinking: Thinking | None = None
    reasoning_split: bool | None = None
    chat_template_kwargs: TemplateArguments | None = None
    modalities: list[str] | None = None
    audio: Any = None
    mask_sensitive_info: bool | None = None
    service_tier: str | None = None
    functions: Any = None
    function_call: Any = None
