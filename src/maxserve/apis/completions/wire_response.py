"""The answers of legacy completions, whole and streamed."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ...chat import FinishReason
from ..openai_chat.wire_response import Usage
from ..response_struct import Struct


class Logprobs(Struct):
    """Four lists that run beside each other."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: Annotated[list[int], Meta(description="Where each token begins, in characters.")]


class TextChoice(Struct):
    text: str
    index: Annotated[int, Meta(ge=0)]
    logprobs: Logprobs | None
    finish_reason: FinishReason


class Completion(Struct):
    """A whole answer."""

    id: str
    object: Literal["text_completion"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    model: Annotated[str, Meta(description="The name that was asked for.")]
    system_fingerprint: Annotated[str, Meta(description="The weights that answered.")]
    choices: Annotated[list[TextChoice], Meta(description="`n` for each prompt, in the prompts' order.")]
    usage: Usage


class ChunkChoice(Struct):
    text: Annotated[str, Meta(description="A piece of the text.")]
    index: Annotated[int, Meta(ge=0)]
    logprobs: Logprobs | None
    finish_reason: Annotated[FinishReason | None, Meta(description="In the result's last frame.")]


class Chunk(Struct):
    """A frame of a streamed answer; after the last comes `data: [DONE]`."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: Annotated[list[ChunkChoice], Meta(description="Empty in the frame with the usage.")]
    usage: Annotated[Usage | UnsetType | None, Meta(description="With `include_usage`: null until the last frame.")] = (
        UNSET
    )
