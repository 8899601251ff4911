"""The structs of Runware's tasks, decoded once: every range of docs/wire/runware.md §3.1 and §3.2 stands here.

Unknown fields are refused in `textInference`, as the vendor does; null means absent. What each field must be is put
into words from these types (`words`), so that an error says the same as the check.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

Level = Literal["none", "off", "low", "medium", "high", "max", "adaptive"]
Mode = Literal["enabled", "disabled", "adaptive"]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Unit = Annotated[float, Meta(ge=0, le=1)]
Stop = Annotated[str, Meta(min_length=1, max_length=50)]
Stops = Annotated[list[Stop], Meta(max_length=5)]
SystemPrompt = Annotated[str, Meta(min_length=1, max_length=200_000)]
Tokens = Annotated[int, Meta(ge=1)]
TopK = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Seed = Annotated[int, Meta(ge=0, le=4_294_967_295)]
Results = Annotated[int, Meta(ge=1, le=4)]


class Strict(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class CalledTool(Strict):
    id: Annotated[str, Meta(min_length=1)]
    name: Annotated[str, Meta(min_length=1)]
    input: dict[str, Any] | None = None


class Message(Strict):
    role: Literal["user", "assistant", "tool"]
    content: str | None = None
    id: str | None = None
    tools: list[CalledTool] | None = None


class Tool(Strict):
    name: Annotated[str, Meta(min_length=1)]
    type: Literal["function"] | None = None
    description: str | None = None
    schema: dict[str, Any] | None = None


class Choice(Strict):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None


class Cache(Strict):
    scope: Literal["system", "system+history"] | None = None
    ttl: Literal["5m", "1h"] | None = None


class Settings(Strict):
    system_prompt: SystemPrompt | None = None
    temperature: Unit | None = None
    top_p: Unit | None = None
    top_k: TopK | None = None
    min_p: Unit | None = None
    max_tokens: Tokens | None = None
    stop_sequences: Stops | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=2)] | None = None
    thinking_level: Level | None = None
    thinking: bool | Mode | None = None
    thinking_mode: Mode | None = None
    split_thinking: bool | None = None
    cache: Cache | None = None
    tools: list[Tool] | None = None
    tool_choice: Choice | None = None


class TextTask(Strict):
    task_type: Literal["textInference"]
    task_uuid: str = field(name="taskUUID")
    model: Annotated[str, Meta(min_length=1)]
    messages: Annotated[list[Message], Meta(min_length=1)]
    delivery_method: Literal["sync", "async", "stream"] | None = None
    webhook_url: str | None = field(name="webhookURL", default=None)
    include_cost: bool | None = None
    include_usage: bool | None = None
    number_results: Results | None = None
    seed: Seed | None = None
    output_format: Literal["TEXT", "JSON"] | None = None
    json_schema: dict[str, Any] | None = None
    settings: Settings | None = None
    tools: list[Tool] | None = None
    tool_choice: Choice | None = None
    inputs: dict[str, Any] | None = None
    provider_settings: dict[str, Any] | None = None
    routing: dict[str, Any] | None = None
    mask_sensitive_info: bool | None = None  # ours: Runware's requests have no such wish
    # The older flat form, as the first JavaScript SDK types it.
    system_prompt: SystemPrompt | None = None
    temperature: Unit | None = None
    top_p: Unit | None = None
    top_k: TopK | None = None
    max_tokens: Tokens | None = None
    stop_sequences: Stops | None = None


FLAT = ("system_prompt", "temperature", "top_p", "top_k", "max_tokens", "stop_sequences")
"""What may stand outside `settings`, too."""


class Head(msgspec.Struct, rename="camel"):
    task_type: Any = None
    task_uuid: Any = field(name="taskUUID", default=None)
    model: Any = None


class AuthenticationTask(msgspec.Struct, rename="camel"):
    api_key: str
    session: str | None = field(name="connectionSessionUUID", default=None)


class SearchTask(msgspec.Struct, rename="camel"):
    task_uuid: str = field(name="taskUUID")
    search: str | None = None
    source: Literal["official", "community"] | None = None
    category: str | None = None
    architecture: str | None = None
    capabilities: list[str] | None = None
    visibility: str | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] | None = None
    offset: Annotated[int, Meta(ge=0)] | None = None
    sort: str | None = None


class AccountTask(msgspec.Struct, rename="camel"):
    task_uuid: str = field(name="taskUUID")
    operation: Literal["getDetails"]
