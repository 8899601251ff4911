"""The structs of Cloudflare's requests where they differ from the shared ones (docs/wire/cloudflare.md §2, §3, §7).

Unknown keys are tolerated everywhere: real clients send `strict`, `$schema`, `chat_template_kwargs` and more, and the
schema's own form is that of a parser which drops them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..openai_chat import wire


class Format(msgspec.Struct):
    """A response format; `json_schema` is a named schema, or the schema alone."""

    type: str
    json_schema: dict[str, Any] | None = None


class ChatRequest(wire.ChatRequest):
    """Chat completions; token limits are numbers, not only whole ones."""

    response_format: Format | None = None  # type: ignore[assignment]
    max_tokens: float | None = None  # type: ignore[assignment]
    max_completion_tokens: float | None = None  # type: ignore[assignment]


class RunRequest(msgspec.Struct):
    """The body of `/ai/run`: the model stands beside its input."""

    model: str
    input: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    options: Any = None


class Retries(msgspec.Struct, rename="camel"):
    max_attempts: int | None = None
    retry_delay_ms: float | None = None
    backoff: str | None = None


class GatewayOptions(msgspec.Struct, rename="camel"):
    """The binding's `options.gateway`."""

    id: str | None = None
    skip_cache: bool | None = None
    cache_ttl: float | None = None
    cache_key: str | None = None
    metadata: dict[str, Any] | None = None
    collect_log: bool | None = None
    event_id: str | None = None
    request_timeout_ms: float | None = None
    retries: Retries | None = None


class BindingOptions(msgspec.Struct):
    gateway: GatewayOptions | None = None


class BindingRequest(msgspec.Struct):
    """What the Workers binding posts; the model is in the header `cf-consn-model-id`."""

    inputs: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    options: BindingOptions | None = None


class Named(msgspec.Struct):
    """A body whose model alone is wanted."""

    model: str | None = None
