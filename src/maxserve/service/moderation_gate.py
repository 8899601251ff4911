"""Sensitivity on the road of a request: its prompt is judged before the engine is asked, its answer while it comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing

import msgspec

from ..chat import (
    CATEGORIES,
    Category,
    Event,
    Finished,
    ModerationUnavailable,
    ReasoningDelta,
    SensitivePrompt,
    Sensitivity,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from ..masking import Filter, close_json
from ..moderation import Action, ModerationEndpoint, SensitivityPolicy
from .generation import Batches
from .result import Result

log = logging.getLogger("maxserve.moderation")

LONG = 20_000
"""Characters of a prompt from which on its patterns are sought in a thread."""

TAIL = 200
"""Characters of what was let pass that the endpoint sees again before the next stretch."""

Size = Callable[[int], Awaitable[int]]
"""Counts the tokens of the prompt that a result answers."""


class ModerationGate:
    """Holds what requests share: the policy, and the endpoint where there is one.

    `stretch` is how many characters of an answer are held back until the endpoint has judged them, where it may block.
    """

    def __init__(
        self, policy: SensitivityPolicy, moderation: ModerationEndpoint | None = None, stretch: int = 500
    ) -> None:
        self.policy = policy
        self._moderation = moderation
        self._stretch = stretch

    async def prompt(self, said: Sequence[str], sent: Sequence[str], param: str) -> int:
        """Judge a prompt: `said` by the client, `sent` to the engine; return the number of what is only told, or 0.

        `param` is the field that holds it. Patterns see what is said, the endpoint what is sent. Raises
        `SensitivePrompt`, and `ModerationUnavailable` where a category that blocks cannot be judged.
        """
        actions = self.policy.prompt
        if sum(map(len, said)) > LONG:
            found = await asyncio.to_thread(self.policy.find, said, actions)  # must not hold up all others
        else:
            found = self.policy.find(said, actions)
        _block(found, actions, param)
        if self._asks(actions):
            found |= await self._ask(sent, actions)
            _block(found, actions, param)
        return _number(found)

    async def close(self) -> None:
        """Hang up the endpoint."""
        if self._moderation is not None:
            await self._moderation.close()

    def answer(self, events: Batches, results: Sequence[Result], found: int, size: Size) -> Batches:
        """Pass on what may be said; `found` is what was found in the prompt.

        A result that is blocked ends with the reason "content_filter", in a batch of its own.
        """
        if (watch := self.policy.watch()) is not None:
            events = passed(events, watch.feed)
        actions = self.policy.answer
        if self._asks(actions):
            blocks = any(actions.get(category) == "block" for category in self.policy.judged)
            events = self._held(events) if blocks else self._told(events)
        return _closed(events, results, found, size)

    def _asks(self, actions: Mapping[Category, Action]) -> bool:
        return self._moderation is not None and not self.policy.judged.isdisjoint(actions)

    async def _ask(self, texts: Sequence[str], actions: Mapping[Category, Action]) -> set[Category]:
        """Ask the endpoint; where it fails nothing is found, unless something that blocks might have been."""
        assert self._moderation is not None
        try:
            return {category for category in await self._moderation.judge(texts) if category in actions}
        except ModerationUnavailable:
            if any(actions.get(category) == "block" for category in self.policy.judged):
                raise
            log.warning("let pass without a judgement, as nothing that the endpoint finds blocks")
            return set()

    async def _told(self, events: Batches) -> Batches:
        """Let everything pass, and ask once per result, at its end."""
        said: dict[int, _Said] = {}
        async with aclosing(events):
            async for batch in events:
                out: list[Event] = []
                for event in batch:
                    if isinstance(event, Finished):
                        found = await self._ask([said.pop(event.index, _Said()).text()], self.policy.answer)
                        out.append(_marked(event, Sensitivity(output=_number(found))))
                        continue
                    if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta):
                        said.setdefault(event.index, _Said()).add(event)
                    out.append(event)
                yield out

    async def _held(self, events: Batches) -> Batches:
        """Hold every stretch of a result back until it is judged; end the result where it is blocked."""
        stretches: dict[int, _Stretch] = {}
        async with aclosing(events):
            async for batch in events:
                out: list[Event] = []
                for event in batch:
                    if not isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta | ToolCallStarted | Finished):
                        out.append(event)
                        continue
                    stretch = stretches.setdefault(event.index, _Stretch())
                    if stretch.over:
                        continue
                    stretch.hold(event)
                    if stretch.size >= self._stretch or isinstance(event, Finished):
                        await self._judge(stretch, event.index, out)
                if out:
                    yield out

    async def _judge(self, stretch: _Stretch, index: int, out: list[Event]) -> None:
        actions = self.policy.answer
        found = await self._ask([stretch.text()], actions) if stretch.size else set[Category]()
        blocking = {category for category in found if actions[category] == "block"}
        if blocking:
            stretch.over = True
            out.append(Finished(index, "content_filter", sensitivity=Sensitivity(output=_number(blocking))))
            return
        stretch.found |= found
        for event in stretch.release():
            found_so_far = Sensitivity(output=_number(stretch.found))
            out.append(_marked(event, found_so_far) if isinstance(event, Finished) else event)


class _Said:
    """What one result said: thought, text and arguments, each on a line of its own."""

    __slots__ = ("_kind", "_pieces", "size")

    def __init__(self) -> None:
        self._kind: type[Event] | None = None
        self._pieces: list[str] = []
        self.size = 0

    def add(self, event: TextDelta | ReasoningDelta | ToolCallDelta) -> None:
        if self._kind is not None and self._kind is not type(event):
            self._pieces.append("\n")
        self._kind = type(event)
        text = event.arguments if isinstance(event, ToolCallDelta) else event.text
        self._pieces.append(text)
        self.size += len(text)

    def text(self) -> str:
        return "".join(self._pieces)

    def pass_on(self) -> None:
        """Keep only the end, as what comes before what is said next."""
        self._pieces, self.size = [self.text()[-TAIL:]], 0


class _Stretch:
    """What one result holds back, and the end of what it let pass."""

    __slots__ = ("_events", "_said", "found", "over")

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._said = _Said()
        self.found: set[Category] = set()
        self.over = False

    @property
    def size(self) -> int:
        return self._said.size

    def hold(self, event: Event) -> None:
        self._events.append(event)
        if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta):
            self._said.add(event)

    def text(self) -> str:
        return self._said.text()

    def release(self) -> list[Event]:
        events, self._events = self._events, []
        self._said.pass_on()
        return events


async def passed(events: Batches, feed: Callable[[Sequence[Event]], list[Event]]) -> Batches:
    """Pass on what `feed` makes of each batch, where it is something."""
    async with aclosing(events):
        async for batch in events:
            for part in (parts := Filter.parts(batch)):
                if out := feed(part):
                    yield out
                if len(parts) > 1:
                    await asyncio.sleep(0)  # a long text must not hold up all others


async def _closed(events: Batches, results: Sequence[Result], found: int, size: Size) -> Batches:
    """Say in every `Finished` what was found in the prompt; count what was blocked, and stop when all is over.

    A call that is cut is closed: its arguments stay one JSON object.
    """
    finished = 0
    blocked = False
    calls: dict[int, tuple[int, list[str]]] = {}
    async with aclosing(events):
        async for batch in events:
            out: list[Event] = []
            for event in batch:
                if not isinstance(event, Finished):
                    out.append(event)
                    if isinstance(event, ToolCallStarted):
                        calls[event.index] = event.call, []
                    elif isinstance(event, ToolCallDelta):
                        calls[event.index][1].append(event.arguments)
                    elif isinstance(event, TextDelta | ReasoningDelta):
                        calls.pop(event.index, None)
                    continue
                finished += 1
                last = _marked(event, Sensitivity(input=found))
                if last.reason == "content_filter":
                    blocked = True
                    if (cut := calls.get(last.index)) is not None and (rest := close_json("".join(cut[1]))):
                        out.append(ToolCallDelta(last.index, cut[0], rest))
                    # On its own: in some APIs it is an error, which takes the rest of its batch with it.
                    if out:
                        yield out
                        out = []
                    yield [await _counted(last, results[last.index], size)]
                else:
                    out.append(last)
            if out:
                yield out
            if blocked and finished == len(results):
                return  # closing the stream frees the engine's slot


async def _counted(event: Finished, result: Result, size: Size) -> Finished:
    if not result.prompt:
        result.prompt = await size(event.index)
    return msgspec.structs.replace(event, usage=result.usage)


def _marked(event: Finished, found: Sensitivity) -> Finished:
    known = event.sensitivity
    if found == Sensitivity():
        return event
    if event.reason == "content_filter" and known is not None:
        found = Sensitivity(input=found.input)  # what blocked is told, not what was found besides
    return msgspec.structs.replace(event, sensitivity=Sensitivity.gravest((known, found)))


def _number(found: set[Category]) -> int:
    return min((CATEGORIES[category] for category in found), default=0)


def _block(found: set[Category], actions: Mapping[Category, Action], param: str) -> None:
    for category in CATEGORIES:
        if category in found and actions[category] == "block":
            raise SensitivePrompt(
                f"The prompt was blocked: it holds what this server does not let pass ({category}).",
                category=category,
                param=param,
            )
