"""The mask over an answer: lists of events in, lists of events out."""

from __future__ import annotations

from collections.abc import Sequence

from ..chat import (
    Error,
    Event,
    Finished,
    InternalError,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from .arguments import ArgumentMask
from .probability import TokenMask
from .text import Machine, TextMask

_MOMENT = 8192
"""Characters that are masked in some milliseconds."""


class _Result:
    """The masks of one result: of its thought, its text, and the arguments of the call that is being written."""

    __slots__ = ("call", "calls", "reasoning", "start", "text", "tokens")

    def __init__(self) -> None:
        self.reasoning: TextMask | None = None
        self.text: TextMask | None = None
        self.tokens: TokenMask | None = None
        self.calls: ArgumentMask | None = None
        self.call = 0
        self.start = 0


class Filter:
    """Masks one answer, batch for batch.

    What is held goes out when the text, the thought or the call that it belongs to is over; nothing of it goes out
    when the answer fails or is cancelled, for then no such event comes. A detector that fails ends the answer with
    `InternalError`.
    """

    __slots__ = ("_broken", "_machine", "_results")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._results: dict[int, _Result] = {}
        self._broken = False

    @staticmethod
    def parts(events: list[Event]) -> list[list[Event]]:
        """Return a batch in parts that each take a moment only: long texts are cut, short batches stay as they are."""
        if not any(type(event) is TextDelta and len(event.text) > _MOMENT for event in events):
            return [events]
        parts: list[list[Event]] = []
        for event in events:
            if type(event) is not TextDelta or event.logprobs or len(event.text) <= _MOMENT:
                parts.append([event])
                continue
            text, none = event.text, event.logprobs
            parts += [
                [TextDelta(event.index, text[at : at + _MOMENT], event.start + at, none)]
                for at in range(0, len(text), _MOMENT)
            ]
        return parts

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """Take a batch; return what is certain now, which may be nothing."""
        if self._broken:
            raise InternalError("Masking has failed; the answer is closed rather than shown unmasked.")
        try:
            return self._masked(events)
        except Error:
            self._broken = True
            raise
        except Exception as error:
            self._broken = True
            # What the detector stumbled over may be the secret itself: its words must not reach a log.
            kind = type(error).__name__
            raise InternalError(
                f"Masking has failed ({kind}); the answer is closed rather than shown unmasked."
            ) from None

    def _masked(self, events: Sequence[Event]) -> list[Event]:
        out: list[Event] = []
        results = self._results
        for event in events:
            if type(event) is TextDelta:
                result = results.get(event.index) or self._begin(event.index)
                if result.reasoning is not None or result.calls is not None:
                    self._end(event.index, result, out)
                self._text(event, result, out)
            elif type(event) is ReasoningDelta:
                index, text = event.index, event.text
                result = results.get(index) or self._begin(index)
                if result.text is not None or result.calls is not None:
                    self._end(index, result, out)
                if result.reasoning is None:
                    result.reasoning = TextMask(self._machine)
                if text := result.reasoning.feed(text):
                    out.append(ReasoningDelta(index, text))
            elif type(event) is ToolCallDelta:
                self._arguments(event, out)
            elif isinstance(event, (ToolCallStarted, Finished)):
                if (ended := results.get(event.index)) is not None:
                    self._end(event.index, ended, out)
                out.append(event)
            else:
                out.append(event)
        return out

    def _begin(self, index: int) -> _Result:
        result = self._results[index] = _Result()
        return result

    def _text(self, event: TextDelta, result: _Result, out: list[Event]) -> None:
        mask = result.text
        if mask is None:
            mask = result.text = TextMask(self._machine)
            result.start = event.start
        start = event.start - mask.held
        text = mask.feed(event.text)
        tokens = None
        if event.logprobs is not None:
            if result.tokens is None:
                result.tokens = TokenMask()
            result.tokens.add(event.text, event.logprobs)
            tokens = result.tokens.take(mask.decided, mask.spans)
        mask.spans.clear()
        if text or tokens:
            out.append(TextDelta(event.index, text, start, tokens))
        result.start = event.start + len(event.text)

    def _arguments(self, event: ToolCallDelta, out: list[Event]) -> None:
        result = self._results.get(event.index) or self._begin(event.index)
        if result.calls is not None and result.call != event.call:
            self._end(event.index, result, out)
        if result.calls is None:
            result.calls, result.call = ArgumentMask(self._machine), event.call
        if arguments := result.calls.feed(event.arguments):
            out.append(ToolCallDelta(event.index, event.call, arguments))

    def _end(self, index: int, result: _Result, out: list[Event]) -> None:
        """Let go of what is held of one result: what it belongs to is over."""
        if result.reasoning is not None:
            if text := result.reasoning.finish():
                out.append(ReasoningDelta(index, text))
            result.reasoning = None
        if (mask := result.text) is not None:
            start = result.start - mask.held
            text = mask.finish()
            tokens = None if result.tokens is None else result.tokens.take(mask.decided, mask.spans)
            if text or tokens:
                out.append(TextDelta(index, text, start, tokens))
            result.text = result.tokens = None
        if result.calls is not None:
            if arguments := result.calls.finish():
                out.append(ToolCallDelta(index, result.call, arguments))
            result.calls = None
