"""The structs of a Responses request; unknown fields are tolerated as OpenAI's SDKs and agents need.

Items, tools and choices come in more kinds than anybody lists, so the body keeps them as plain objects, and each is
converted to the struct of its kind when it is read.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: str | None = None


class Message(msgspec.Struct):
    role: str
    content: str | list[Part] | None = None
    name: str | None = None


class FunctionCall(msgspec.Struct):
    call_id: str
    name: str
    arguments: str | None = None
    namespace: str | None = None


class CustomCall(msgspec.Struct):
    call_id: str
    name: str
    input: str | None = None
    namespace: str | None = None


class CallOutput(msgspec.Struct):
    output: str | list[Part] | None = None
    call_id: str | None = None


class Text(msgspec.Struct):
    text: str


class Reasoning(msgspec.Struct):
    content: list[Text] | None = None
    summary: list[Text] | None = None
    encrypted_content: str | None = None


class FunctionTool(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class CustomFormat(msgspec.Struct):
    type: str | None = None
    syntax: str | None = None
    definition: str | None = None


class CustomTool(msgspec.Struct):
    name: str
    description: str | None = None
    format: CustomFormat | None = None


class Namespace(msgspec.Struct):
    name: str
    tools: list[dict[str, Any]]


class Choice(msgspec.Struct):
    type: str
    name: str | None = None
    namespace: str | None = None
    mode: str | None = None
    tools: list[dict[str, Any]] | None = None


class Format(msgspec.Struct):
    type: str
    name: str | None = None
    schema: dict[str, Any] | None = None
    description: str | None = None
    strict: bool | None = None


class TextSettings(msgspec.Struct):
    format: Format | None = None


class ReasoningSettings(msgspec.Struct):
    effort: str | None = None
    summary: str | None = None


class ResponsesRequest(msgspec.Struct):
    """The body of `POST /v1/responses`; null means absent everywhere."""

    model: str | None = None
    input: str | list[dict[str, Any]] | None = None
    instructions: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    include: list[str] | None = None
    text: dict[str, Any] | None = None
    reasoning: ReasoningSettings | None = None
    truncation: str | None = None
    metadata: dict[str, str] | None = None
    stream: bool | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
