"""The road of raw prompts: no template, nothing neutralised, no thought or call looked for.

What the engine writes is the answer; only stop sequences are cut, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

import msgspec

from ..catalogue import Model
from ..chat import ContextOverflow, Event, Progress, RawRequest, TextDelta
from ..engines import Engine, EngineInfo, EngineRequest
from .generation import Batches, free, together
from .result import Result


class RawPlan(msgspec.Struct, frozen=True):
    """A raw request made ready for its engine; `completion` is that of its first prompt."""

    request: RawRequest
    model: Model
    engine: Engine
    info: EngineInfo
    completion: EngineRequest


class PlainTextParser:
    """Reads raw output as nothing but text: the parser of a result that belongs to no family."""

    __slots__ = ("_index", "_offset", "calls", "thinking")

    def __init__(self, index: int) -> None:
        self._index = index
        self._offset = 0
        self.thinking = False
        self.calls = 0

    def feed(self, text: str) -> list[Event]:
        """Return the text as it came."""
        if not text:
            return []
        start, self._offset = self._offset, self._offset + len(text)
        return [TextDelta(self._index, text, start)]

    def finish(self) -> list[Event]:
        """Return nothing: nothing was held back."""
        return []


async def continued(plan: RawPlan, results: list[Result]) -> Batches:
    """Continue every prompt, side by side; the progress of each is its own. `results` is filled with all results.

    Raises what engines raise; a prompt that does not fit is named by the field `prompt`.
    """
    # Ids become text for all prompts before the first is begun: a wrong one is an error and no broken stream.
    prompts = [prompt if isinstance(prompt, str) else await plan.engine.text(prompt) for prompt in plan.request.prompts]
    streams = [_continuation(plan, number, prompt, results) for number, prompt in enumerate(prompts)]
    stream = streams[0] if len(streams) == 1 else together(streams)
    try:
        async with aclosing(stream):
            async for events in stream:
                yield events
    except ContextOverflow as error:
        error.param = "prompt"
        raise


def _continuation(plan: RawPlan, number: int, prompt: str, every: list[Result]) -> Batches:
    """Write the results of one prompt: as many seeds lie between two prompts as each has results."""
    request = plan.request
    first = number * request.n
    sampling = plan.completion.sampling
    if sampling.seed is not None:
        sampling = msgspec.structs.replace(sampling, seed=sampling.seed + first)
    completion = msgspec.structs.replace(plan.completion, prompt=prompt, sampling=sampling)
    results = [
        Result(index, PlainTextParser(index), stops=request.stop, logprobs=request.logprobs is not None)
        for index in range(first, first + request.n)
    ]
    every += results
    stream = free(plan.engine, completion, results)
    return _echoing(stream, results, prompt) if request.echo else stream


async def _echoing(stream: Batches, results: Sequence[Result], prompt: str) -> Batches:
    """Put the prompt before its results, but not before it is known that the engine takes it."""
    begun = False
    async with aclosing(stream):
        async for events in stream:
            if not begun and not all(isinstance(event, Progress) for event in events):
                begun = True
                yield [TextDelta(result.index, prompt, -len(prompt)) for result in results]
            yield events
