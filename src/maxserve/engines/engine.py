"""The engine protocol: a prompt and sampling in, raw text out, cancellable, with counts.

An engine knows nothing of chat: no messages, no tools, no thinking. Families write its prompts and read its text.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, Protocol

import msgspec

from ..chat import Constraint, TokenLogprob

EngineState = Literal["starting", "ready", "restarting", "stopped", "failed"]


class SamplingValues(msgspec.Struct, frozen=True):
    """Sampling with every value decided; nothing is left to an engine's own defaults.

    `top_k` 0 and `min_p` 0 switch those filters off; `seed` None means a random one.
    """

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    repetition_penalty: float = 1.0


class EngineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work for an engine.

    `prompt` is sent as it is: the engine adds no token. `max_tokens` None means to the end of the context. `stop`
    strings end the output and are left out of it. `logprobs` is the number of alternatives, None = none. Result `i`
    of `n` is drawn with `seed + i`.
    """

    prompt: str
    sampling: SamplingValues
    max_tokens: int | None = None
    n: int = 1
    stop: tuple[str, ...] = ()
    constraint: Constraint | None = None
    logprobs: int | None = None


class TextChunk(msgspec.Struct, frozen=True):
    """Raw text of result `index` that `tokens` tokens made.

    Text may be empty inside a character or while it could be the beginning of a stop string; `tokens` is 0 where
    text that was held back comes later.
    """

    index: int
    text: str
    tokens: int = 1
    logprobs: tuple[TokenLogprob, ...] = ()


class ProgressChunk(msgspec.Struct, frozen=True):
    """So many tokens of the prompt are read; `cached` of them came from the prefix cache."""

    done: int
    total: int
    cached: int


class EndChunk(msgspec.Struct, frozen=True):
    """Result `index` is complete.

    `reason` is "end" (the model ended it), "stop" (a stop string, in `stop`) or "length". Counts are in tokens;
    `completion` includes the end token where one was drawn.
    """

    index: int
    reason: Literal["end", "stop", "length"]
    prompt: int
    completion: int
    cached: int
    stop: str | None = None


EngineChunk = TextChunk | ProgressChunk | EndChunk


class EngineInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself.

    `checkpoint` is the name shown to callers (demo-m2, or the name of the real weights); `architecture` is the GGUF's
    ("minimax-m2", "minimax-m3") or the upstream's; `template` is the checkpoint's chat template, None where it has
    none; `context` is in tokens per request; `sparse` says whether block-sparse attention runs, None where the
    architecture has none.
    """

    name: str
    checkpoint: str
    architecture: str
    context: int
    parallel: int
    template: str | None = None
    sparse: bool | None = None
    vision: bool = False
    demo: bool = False


class Engine(Protocol):
    """Anything that completes a prompt."""

    name: str

    @property
    def state(self) -> EngineState:
        """Where the engine stands right now."""
        ...

    @property
    def info(self) -> EngineInfo:
        """What is loaded; raises `EngineUnavailable` until the engine was ready once."""
        ...

    async def start(self) -> None:
        """Start, and return when the engine can answer; raises `EngineUnavailable` where it cannot."""
        ...

    async def close(self) -> None:
        """End it and everything it started; safe to call twice."""
        ...

    def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        """Yield pieces in lists: all that one read of the engine's socket brought.

        Each index ends with one `EndChunk`. Closing the generator (`aclose`, or cancelling the task) frees the
        engine's slot. Raises `EngineError` and its kin, `ContextOverflow`, `Overloaded`.
        """
        ...

    async def count(self, text: str) -> int:
        """The number of tokens of `text`."""
        ...

    async def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens, control tokens written out.

        Raises `InvalidRequest` where the vocabulary has no such id, `Unsupported` where the engine cannot tell.
        """
        ...
