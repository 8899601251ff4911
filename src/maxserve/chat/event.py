"""What an answer is made of.

A stream is lists of events; a whole answer is the same events, gathered. `index` is the result's number, 0 to n-1.
Concatenated, the deltas of one result are its text, whatever the chunking was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from .sensitivity import Sensitivity

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one result, or of a whole answer; `cached` is part of `prompt`, `reasoning` part of `completion`."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion

    @staticmethod
    def of_answer(results: Iterable[Usage], n: int | None = None) -> Usage:
        """Add up the results of one answer: each prompt was read once, the completions are summed.

        The results stand in their order; every `n` of them share a prompt, all of them where `n` is None.
        """
        prompt = completion = cached = reasoning = 0
        read = known = 0  # the largest counts seen of the prompt in hand
        for i, usage in enumerate(results):
            if n is not None and i % n == 0:
                prompt, cached = prompt + read, cached + known
                read = known = 0
            read = max(read, usage.prompt)
            known = max(known, usage.cached)
            completion += usage.completion
            reasoning += usage.reasoning
        return Usage(prompt + read, completion, cached + known, reasoning)


class TokenLogprob(msgspec.Struct, frozen=True):
    """A token, its natural-log probability and the best alternatives at its place (token text, log probability)."""

    token: str
    logprob: float
    bytes: bytes
    top: tuple[tuple[str, float], ...] = ()


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The engine has taken the request; comes once, first. `checkpoint` is what answers it."""

    checkpoint: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """So many tokens of the prompt are read."""

    done: int
    total: int
    cached: int = 0


class ReasoningDelta(msgspec.Struct, frozen=True, tag="reasoning"):
    """A piece of the model's thought."""

    index: int
    text: str


class TextDelta(msgspec.Struct, frozen=True, tag="text"):
    """A piece of the visible answer.

    `start` is where it begins in the result's raw output, in characters (the text is a slice of it); `logprobs` are
    the tokens that ended within it, None where none were asked for.
    """

    index: int
    text: str
    start: int = 0
    logprobs: tuple[TokenLogprob, ...] | None = None


class ToolCallStarted(msgspec.Struct, frozen=True, tag="tool_call"):
    """The model calls tool `name`; `call` numbers the calls of one result from 0."""

    index: int
    call: int
    id: str
    name: str


class ToolCallDelta(msgspec.Struct, frozen=True, tag="tool_call_delta"):
    """A piece of a call's arguments; all pieces of one call together are one JSON object."""

    index: int
    call: int
    arguments: str


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The result is complete; the last event of its index. `stop` is the stop sequence that ended it, if one did.

    The reason "content_filter" means that the rest was blocked. `sensitivity` is None where nobody looked, or where
    nothing was found.
    """

    index: int
    reason: FinishReason
    usage: Usage = Usage()
    stop: str | None = None
    sensitivity: Sensitivity | None = None


Event = Started | Progress | ReasoningDelta | TextDelta | ToolCallStarted | ToolCallDelta | Finished
