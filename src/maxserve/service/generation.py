"""From a prompt to events: in one stretch, or thinking first and answering under a constraint.

A model that is held to a schema from its first token cannot think. So a constrained answer is made in stretches over
the same prompt: the model thinks freely until its thought ends; then the prompt, continued with that thought, is
given again with the constraint on. The engine's prefix cache makes the second reading nearly free, and it works on
every engine (docs/wire/minimax.md §4.5, §15c).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from ..chat import (
    Constraint,
    Event,
    Finished,
    InternalError,
    Progress,
    ReasoningDelta,
    Request,
    TextDelta,
    TokenLogprob,
    ToolCallStarted,
)
from ..engines import EndChunk, Engine, EngineRequest, ProgressChunk, TextChunk
from ..families import Family, Prompt
from .result import Result

_MARKS = frozenset("<>[]")
"""Every tag ends with one of these: text without them cannot end a thought."""

Batches = AsyncGenerator[list[Event]]


async def free(engine: Engine, completion: EngineRequest, results: Sequence[Result]) -> Batches:
    """Generate all results in one stretch; `results[i]` reads index i.

    Text of one read that belongs to one result is parsed as one piece: a burst costs one event, not one per token.
    """
    open_results = unended = len(results)
    async with aclosing(engine.generate(completion)) as stream:
        async for pieces in stream:
            events: list[Event] = []
            count = len(pieces)
            i = 0
            while i < count:
                piece = pieces[i]
                i += 1
                if type(piece) is TextChunk:
                    result = results[piece.index]
                    if result.ended():
                        continue
                    text, tokens, logprobs = piece.text, piece.tokens, piece.logprobs
                    # In a thought, a token that may end it goes alone, so that the thought's tokens are counted.
                    thinking = result.thinking
                    if not thinking or _MARKS.isdisjoint(text):
                        start = i
                        while (
                            i < count
                            and type(next_ := pieces[i]) is TextChunk
                            and next_.index == piece.index
                            and (not thinking or _MARKS.isdisjoint(next_.text))
                        ):
                            i += 1
                        if i > start:
                            run: list[TextChunk] = pieces[start - 1 : i]  # type: ignore[assignment]
                            text, tokens, logprobs = _merge(run)
                    events += result.feed(text, tokens, logprobs)
                    if result.ended():
                        open_results -= 1
                elif type(piece) is ProgressChunk:
                    for result in results:
                        result.prompt, result.cached = piece.total, piece.cached
                    events.append(Progress(piece.done, piece.total, piece.cached))
                elif type(piece) is EndChunk:
                    unended -= 1
                    result = results[piece.index]
                    if not result.ended():
                        events += result.end(piece)
                        open_results -= 1
            if not open_results and unended:
                await _count_prompt(engine, completion, results, events)
            if events:
                yield events
            if not open_results and unended:
                return  # what the engine would still write is not wanted: closing its stream frees the slot
    if open_results:
        raise InternalError("The engine's stream ended before every result was complete.")


async def constrained(
    engine: Engine,
    family: Family,
    prompt: Prompt,
    completion: EngineRequest,
    results: Sequence[Result],
    constraint: Constraint | None,
    request: Request,
) -> Batches:
    """Let every result think, then answer under `constraint` (or call a tool, where the choice is the model's).

    Without a constraint it is the request's budget that parts the two: a thought that spends it is closed.
    """
    thoughts = [""] * len(results)
    if prompt.thinking != "closed":
        limit, budget = completion.max_tokens, request.thinking_budget
        bounded = budget is not None and (limit is None or budget < limit)
        thinking = msgspec.structs.replace(
            completion, stop=family.think_stops, max_tokens=budget if bounded else limit, logprobs=None
        )
        async with aclosing(_think(engine, thinking, results, thoughts, bounded=bounded)) as stream:
            async for events in stream:
                yield events
    answers = [
        _answer(engine, family, prompt, completion, result, thoughts[result.index], constraint, request)
        for result in results
        if not result.ended()
    ]
    if len(answers) == 1:
        async with aclosing(answers[0]) as stream:
            async for events in stream:
                yield events
    elif answers:
        async with aclosing(together(answers)) as stream:
            async for events in stream:
                yield events


async def _think(
    engine: Engine, completion: EngineRequest, results: Sequence[Result], thoughts: list[str], *, bounded: bool
) -> Batches:
    """Run until every result has ended its thought; fill `thoughts` with raw text.

    A cut by length ends a result, unless the length was `bounded` for the thought alone: then the thought ends there.

    A result that begins to answer without a thought is through as well: its answer is made again, constrained.
    """
    through: set[int] = set()
    unended = len(results)
    async with aclosing(engine.generate(completion)) as stream:
        async for pieces in stream:
            events: list[Event] = []
            for piece in pieces:
                if isinstance(piece, ProgressChunk):
                    for result in results:
                        result.prompt, result.cached = piece.total, piece.cached
                    events.append(Progress(piece.done, piece.total, piece.cached))
                    continue
                result = results[piece.index]
                unended -= isinstance(piece, EndChunk)
                if piece.index in through:
                    continue
                if isinstance(piece, TextChunk):
                    new = result.feed(piece.text, piece.tokens)
                    if any(isinstance(event, TextDelta | ToolCallStarted) for event in new):
                        through.add(piece.index)
                    else:
                        thoughts[piece.index] += piece.text
                    events += [event for event in new if isinstance(event, ReasoningDelta)]
                elif piece.reason == "length" and not bounded:
                    events += result.end(piece)
                    through.add(piece.index)
                else:
                    result.count(piece)
                    events += [event for event in result.flush() if isinstance(event, ReasoningDelta)]
                    through.add(piece.index)
            if events:
                yield events
            if len(through) == len(results) and unended:
                return
    if len(through) < len(results):
        raise InternalError("The engine's stream ended before every thought was complete.")


async def _answer(
    engine: Engine,
    family: Family,
    prompt: Prompt,
    completion: EngineRequest,
    result: Result,
    thought: str,
    constraint: Constraint | None,
    request: Request,
) -> Batches:
    """Write one result's answer: under the constraint, unless the model may and does call a tool instead."""
    index = result.index
    resumed = family.resume(prompt, thought) if prompt.thinking != "closed" else prompt
    seed = completion.sampling.seed
    base = msgspec.structs.replace(
        completion,
        prompt=resumed.text,
        n=1,
        sampling=msgspec.structs.replace(completion.sampling, seed=None if seed is None else seed + index),
        max_tokens=None if completion.max_tokens is None else completion.max_tokens - result.completion,
    )
    if base.max_tokens is not None and base.max_tokens < 1:
        yield result.close("length")
        return
    if constraint is not None and request.tools and request.tool_choice.mode == "auto":
        called = False
        result.continue_with(family.parser(resumed, request.tools, index))
        async with aclosing(_single(engine, base, result)) as stream:
            async for events in stream:
                if not called:
                    kinds = {type(event) for event in events}
                    if TextDelta in kinds or (result.ended() and ToolCallStarted not in kinds):
                        break
                    called = ToolCallStarted in kinds
                yield events
        if called:
            return
        result.reopen()
    result.continue_with(family.parser(resumed, request.tools, index))
    async with aclosing(_single(engine, msgspec.structs.replace(base, constraint=constraint), result)) as stream:
        async for events in stream:
            yield events


async def _single(engine: Engine, completion: EngineRequest, result: Result) -> Batches:
    """Generate the one result of `completion` for `result`, whatever its index is in the answer."""
    async with aclosing(engine.generate(completion)) as stream:
        async for pieces in stream:
            events: list[Event] = []
            complete = False
            for piece in pieces:
                if isinstance(piece, EndChunk):
                    complete = True
                    events += result.end(piece)
                elif result.ended():
                    continue
                elif isinstance(piece, TextChunk):
                    events += result.feed(piece.text, piece.tokens, piece.logprobs)
                elif not result.prompt:
                    result.prompt, result.cached = piece.total, piece.cached
            if events:
                yield events
            if result.ended() and not complete:
                return
    if not result.ended():
        raise InternalError("The engine's stream ended before the result was complete.")


async def together(answers: Sequence[Batches]) -> Batches:
    """Run several results at once and pass on their events as they come; the first failure ends all."""
    ready: asyncio.Queue[list[Event] | BaseException | None] = asyncio.Queue(maxsize=2 * len(answers))

    async def pump(stream: Batches) -> None:
        try:
            async with aclosing(stream):
                async for events in stream:
                    await ready.put(events)
        except Exception as error:
            await ready.put(error)
        else:
            await ready.put(None)

    tasks = [asyncio.create_task(pump(stream)) for stream in answers]
    try:
        running = len(tasks)
        while running:
            item = await ready.get()
            if item is None:
                running -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _merge(run: Sequence[TextChunk]) -> tuple[str, int, tuple[TokenLogprob, ...]]:
    """Join the pieces of one result that one read brought."""
    logprobs: tuple[TokenLogprob, ...] = ()
    if run[0].logprobs:
        logprobs = tuple(token for piece in run for token in piece.logprobs)
    return "".join([piece.text for piece in run]), sum([piece.tokens for piece in run]), logprobs


async def _count_prompt(
    engine: Engine, completion: EngineRequest, results: Sequence[Result], events: list[Event]
) -> None:
    """Fill in the prompt's size where an early end came before the engine told it."""
    if results[0].prompt:
        return
    size = await engine.count(completion.prompt)
    for result in results:
        result.prompt = size
    events[:] = [
        msgspec.structs.replace(event, usage=msgspec.structs.replace(event.usage, prompt=size))
        if isinstance(event, Finished) and not event.usage.prompt
        else event
        for event in events
    ]
