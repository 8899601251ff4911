"""What a caller asks for, whichever API it was asked through."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .message import Message

Thinking = Literal["enabled", "disabled", "adaptive"]

SEEDS = 2**32 - 2
"""Seeds go round at this, those of several results, too: result i is drawn with `(seed + i) % SEEDS`.

Twice the modulus of the engines that take 31 bits, so that two seeds which are one here are one there.
"""


class Tool(msgspec.Struct, frozen=True):
    """A function that the model may call; `parameters` is a JSON schema of type object."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    strict: bool = False


class ToolChoice(msgspec.Struct, frozen=True):
    """Whether tools are called: never, as the model likes, at least one, or exactly `name`."""

    mode: Literal["none", "auto", "required", "named"] = "auto"
    name: str | None = None


class TextFormat(msgspec.Struct, frozen=True, tag="text"):
    """Free text."""


class JsonObject(msgspec.Struct, frozen=True, tag="json_object"):
    """Any JSON object."""


class JsonSchema(msgspec.Struct, frozen=True, tag="json_schema"):
    """JSON that satisfies `schema`; `name` is the caller's label for it."""

    name: str
    schema: dict[str, Any]
    description: str | None = None
    strict: bool = True


ResponseFormat = TextFormat | JsonObject | JsonSchema


class Sampling(msgspec.Struct, frozen=True):
    """How tokens are drawn; None means the model's own default from the catalogue.

    `repetition_penalty` 1 is none; the three penalties add up.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    repetition_penalty: float = 1.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One chat request in the common language.

    `model` is the name as asked. `max_tokens` counts thinking and answer, None = what the model allows. `logprobs` is
    the number of alternatives per token (0 = only the chosen token's), None = none asked. `thinking_budget` is how many
    tokens of a thought are written at most before the answer must begin, None = as many as it takes. `mask` says
    whether sensitive information is masked in the answer; where it is None, `mask_usual` is what the API asked does,
    None = as configured. `deadline` is a `time.monotonic()` value in seconds.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel_tool_calls: bool = True
    response_format: ResponseFormat = TextFormat()
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    n: int = 1
    logprobs: int | None = None
    thinking: Thinking | None = None
    thinking_budget: int | None = None
    mask: bool | None = None
    mask_usual: bool | None = None
    key: str | None = None
    account: str | None = None
    user: str | None = None
    deadline: float | None = None

    @property
    def results(self) -> int:
        """How many results the whole answer has."""
        return self.n
