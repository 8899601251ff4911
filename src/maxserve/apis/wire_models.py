"""Lists of models, as each API has them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .response_struct import Struct


class Model(Struct):
    """A name that requests may ask for."""

    id: str
    object: Literal["model"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    owned_by: str


class ModelList(Struct):
    """Every spelling of every model."""

    object: Literal["list"]
    data: list[Model]


class CloudswayModel(Struct):
    """A model, as Cloudsway has it."""

    id: str
    created: Annotated[str, Meta(description="Unix seconds, as text.")]
    object: Literal["model"]
    owned_by: str


class CloudswayModelList(Struct):
    """Cloudsway's models."""

    object: Literal["list"]
    data: list[CloudswayModel]


class AnthropicModel(Struct):
    """A model, as Anthropic's API has it."""

    type: Literal["model"]
    id: str
    display_name: str
    created_at: Annotated[str, Meta(description="RFC 3339.", extra_json_schema={"format": "date-time"})]
    lifecycle: str
    line: None
    deprecated_at: None
    retires_at: None
    max_input_tokens: int
    max_tokens: int
    capabilities: None


class AnthropicModelPage(Struct):
    """A page of models."""

    data: list[AnthropicModel]
    has_more: bool
    first_id: str | None
    last_id: str | None
