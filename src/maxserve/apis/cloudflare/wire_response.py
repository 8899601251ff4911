"""What Cloudflare's paths answer (docs/wire/cloudflare.md §1, §3 to §5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from ..minimax import wire_response as minimax
from ..openai_chat.wire_response import CompletionDetails, Fault, PromptDetails
from ..response_struct import Struct


class Usage(Struct):
    total_tokens: Annotated[int, Meta(ge=0)]
    prompt_tokens: Annotated[int, Meta(ge=0)]
    completion_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer, of all results.")]
    total_characters: int
    completion_tokens_details: Annotated[CompletionDetails | UnsetType, Meta(description="M2's.")] = UNSET
    prompt_tokens_details: Annotated[PromptDetails | UnsetType, Meta(description="M3's.")] = UNSET


class GatewayMetadata(Struct, rename="camel"):
    key_source: str


class Completion(minimax.Completion, rename={"gateway_metadata": "gatewayMetadata"}):
    """A whole answer."""

    usage: Usage  # type: ignore[assignment]
    gateway_metadata: GatewayMetadata


class Chunk(minimax.Chunk, rename={"gateway_metadata": "gatewayMetadata"}):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    usage: Annotated[Usage | None, Meta(description="In the last frame.")]  # type: ignore[assignment]
    gateway_metadata: Annotated[GatewayMetadata | UnsetType, Meta(description="In the last frame.")] = UNSET


class Result(Struct):
    """A whole answer in the v4 envelope."""

    result: Completion
    success: Literal[True]
    errors: list[Any]
    messages: list[Any]


class Code(Struct):
    code: int
    message: str
    error_chain: Annotated[list[Any] | UnsetType, Meta(description="Where a header makes no sense.")] = UNSET


class Nothing(Struct):
    """No result."""


class V4Error(Struct):
    """An error in the v4 envelope."""

    result: Nothing | None
    success: Literal[False]
    errors: list[Code]
    messages: list[Any]


class GatewayError(Struct, rename="camel"):
    """An error of the gateway host and of the binding."""

    success: Literal[False]
    result: list[Any]
    messages: list[Any]
    error: list[Code]
    name: Literal["AiGatewayError"]
    http_code: int
    internal_code: int
    message: str
    description: Annotated[str, Meta(description="What the binding's client shows.")]
    request_id: str


class AnthropicFault(Struct):
    type: str
    message: str
    details: dict[str, Any] | UnsetType = UNSET


class MessagesError(V4Error):
    """An error in the v4 envelope and in Anthropic's form at once."""

    type: Literal["error"]
    error: AnthropicFault
    request_id: str


class OpenAIError(V4Error):
    """An error in the v4 envelope and in OpenAI's form at once."""

    error: Fault


class PageInfo(Struct):
    page: int
    per_page: int
    count: int
    total_count: int


class Managed(Struct):
    """What a management path tells, in the v4 envelope."""

    result: Annotated[Any, Meta(description="A list, an object, a text or null.")]
    success: Literal[True]
    errors: list[Any]
    messages: list[Any]
    result_info: Annotated[PageInfo | UnsetType, Meta(description="With lists.")] = UNSET
