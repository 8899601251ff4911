"""A whole answer is its stream, gathered."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable

import msgspec

from .event import (
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from .sensitivity import Sensitivity


class CompletedToolCall(msgspec.Struct):
    """A complete tool call; `arguments` is JSON text.

    `before` says where it stands in the result: after so many characters of reasoning, so many of text, and so many
    tokens of the log probabilities.
    """

    id: str
    name: str
    arguments: str
    before: tuple[int, int, int] = (0, 0, 0)


class CompletionChoice(msgspec.Struct):
    """One complete result."""

    index: int
    reasoning: str
    text: str
    calls: list[CompletedToolCall]
    logprobs: list[TokenLogprob] | None
    reason: FinishReason
    stop: str | None
    usage: Usage
    sensitivity: Sensitivity | None = None


class Completion(msgspec.Struct):
    """A complete answer: its results in order, and what they cost together."""

    results: list[CompletionChoice]
    usage: Usage
    checkpoint: str

    @property
    def sensitivity(self) -> Sensitivity:
        """The gravest that was found in the prompt and in any result."""
        return Sensitivity.gravest(result.sensitivity for result in self.results)


def _length(pieces: list[str]) -> int:
    return sum(map(len, pieces))


class _Parts:
    __slots__ = ("arguments", "before", "calls", "finished", "logprobs", "reasoning", "text")

    def __init__(self) -> None:
        self.reasoning: list[str] = []
        self.text: list[str] = []
        self.calls: list[ToolCallStarted] = []
        self.arguments: list[list[str]] = []
        self.before: list[tuple[int, int, int]] = []
        self.logprobs: list[TokenLogprob] | None = None
        self.finished: Finished | None = None


class CompletionBuilder:
    """Takes batches of events as they come and hands out the whole at the end.

    `results` of them are expected; every `n` in their order share a prompt, all of them where `n` is None.
    """

    __slots__ = ("_checkpoint", "_n", "_parts")

    def __init__(self, results: int = 1, n: int | None = None) -> None:
        self._parts = [_Parts() for _ in range(results)]
        self._n = n
        self._checkpoint = ""

    def add(self, events: Iterable[Event]) -> None:
        """Take a batch."""
        for event in events:
            if type(event) is TextDelta:
                part = self._parts[event.index]
                part.text.append(event.text)
                if (logprobs := event.logprobs) is not None:
                    part.logprobs = [*(part.logprobs or ()), *logprobs]
            elif type(event) is ReasoningDelta:
                self._parts[event.index].reasoning.append(event.text)
            elif type(event) is ToolCallDelta:
                self._parts[event.index].arguments[event.call].append(event.arguments)
            elif isinstance(event, ToolCallStarted):
                part = self._parts[event.index]
                part.calls.append(event)
                part.arguments.append([])
                part.before.append((_length(part.reasoning), _length(part.text), len(part.logprobs or ())))
            elif isinstance(event, Finished):
                self._parts[event.index].finished = event
            elif isinstance(event, Started):
                self._checkpoint = event.checkpoint

    def result(self) -> Completion:
        """Return the whole; every result must have finished."""
        results: list[CompletionChoice] = []
        for index, part in enumerate(self._parts):
            finished = part.finished
            if finished is None:
                raise ValueError(f"result {index} has not finished")
            calls = [
                CompletedToolCall(call.id, call.name, "".join(pieces), before)
                for call, pieces, before in zip(part.calls, part.arguments, part.before, strict=True)
            ]
            results.append(
                CompletionChoice(
                    index,
                    "".join(part.reasoning),
                    "".join(part.text),
                    calls,
                    part.logprobs,
                    finished.reason,
                    finished.stop,
                    finished.usage,
                    finished.sensitivity,
                )
            )
        return Completion(results, Usage.of_answer((result.usage for result in results), self._n), self._checkpoint)


async def collect(stream: AsyncIterable[list[Event]], n: int = 1) -> Completion:
    """Read a whole stream of `n` results."""
    builder = CompletionBuilder(n)
    async for events in stream:
        builder.add(events)
    return builder.result()
