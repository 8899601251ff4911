"""One result of an answer while it is being written."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..chat import (
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from ..engines import EndChunk
from ..families import Parser
from .stop import StopFilter


class Result:
    """Turns the raw text of one result into its final events, and counts its tokens.

    On top of the family's parser it applies what no model does by itself: stop sequences, one call only, no call at
    all, and the match of token probabilities to visible text.
    """

    __slots__ = (
        "_done",
        "_ends",
        "_base",
        "_guarded",
        "_has_thought",
        "_held_start",
        "_in_thought",
        "_offset",
        "_one_call",
        "_stop",
        "_without_calls",
        "cached",
        "calls",
        "completion",
        "index",
        "parser",
        "prompt",
        "reasoning",
    )

    def __init__(
        self,
        index: int,
        parser: Parser,
        *,
        stops: Sequence[str] = (),
        one_call: bool = False,
        without_calls: bool = False,
        logprobs: bool = False,
    ) -> None:
        self.index = index
        self.parser = parser
        self._done = False
        self.prompt = self.completion = self.cached = self.reasoning = 0
        self.calls = 0
        self._in_thought = parser.thinking
        self._has_thought = False
        self._stop = StopFilter(stops) if stops else None
        self._one_call = one_call
        self._without_calls = without_calls
        self._guarded = bool(stops) or one_call or without_calls or logprobs
        self._offset = self._held_start = self._base = 0
        self._ends: deque[tuple[int, TokenLogprob]] | None = deque() if logprobs else None

    def continue_with(self, parser: Parser) -> None:
        """Read on with another parser: the prompt was continued and the raw text starts anew."""
        self.parser = parser
        self._in_thought = parser.thinking
        self._offset = self._held_start = 0
        self._base = self.completion
        if self._ends is not None:
            self._ends.clear()

    def ended(self) -> bool:
        """Whether the last event was handed out."""
        return self._done

    def reopen(self) -> None:
        """Forget an answer that was tried and not shown; its tokens stay counted."""
        self._done = False
        self.calls = 0
        if self._stop is not None:
            self._stop.held, self._stop.hit = "", None

    @property
    def thinking(self) -> bool:
        """Whether the result is still in its thought."""
        return self._in_thought

    def feed(self, text: str, tokens: int, logprobs: Sequence[TokenLogprob] = ()) -> list[Event]:
        """Take raw text that `tokens` tokens made; return the events that are certain now."""
        self.completion += tokens
        if self._ends is not None:
            self._offset += len(text)
            end = self._offset
            self._ends.extend((end, token) for token in logprobs)
        events = self.parser.feed(text)
        if self._in_thought:
            self.reasoning += tokens
            self._in_thought = self.parser.thinking
            if not self._has_thought and any(type(event) is ReasoningDelta for event in events):
                self._has_thought = True
        if self._guarded and events:
            return self._guard(events)
        return events

    def flush(self) -> list[Event]:
        """Return what the parser still holds: this stretch of raw text has ended."""
        events = self.parser.finish()
        if not self._has_thought and any(type(event) is ReasoningDelta for event in events):
            self._has_thought = True
        return self._guard(events) if self._guarded else events

    def end(self, piece: EndChunk) -> list[Event]:
        """Return the last events, `Finished` included; nothing where the result was ended before."""
        if self.ended():
            return []
        self.count(piece)
        events = self.flush()
        if self.ended():
            return events
        self._release(events)
        if not self.ended():
            events.append(self._finished("length" if piece.reason == "length" else None))
        return events

    def _release(self, out: list[Event]) -> None:
        """Let go of the text that the stop filter holds."""
        if self._stop is None:
            return
        start = self._held_start
        if text := self._stop.flush():
            out.append(TextDelta(self.index, text, start, self._tokens(start, start + len(text))))
        if self._stop.hit is not None:
            out.append(self._finished("stop", self._stop.hit))

    def count(self, piece: EndChunk) -> None:
        """Take the engine's counts for this stretch; the prompt of a continued one holds our own output: not again."""
        if not self._base:
            self.prompt, self.cached = piece.prompt or self.prompt, max(piece.cached, self.cached)
        # The end token is drawn without text: the engine's count is the true one where it is larger.
        unseen = self._base + piece.completion - self.completion
        if unseen > 0:
            self.completion += unseen
            if self._in_thought:
                self.reasoning += unseen  # the mark that ended the thought

    def close(self, reason: FinishReason) -> list[Event]:
        """End the result for a reason of our own; return the last events."""
        return [self._finished(reason)]

    @property
    def usage(self) -> Usage:
        """Tokens so far; thinking that produced no thought (a bare end tag) is not counted as reasoning."""
        reasoning = min(self.reasoning, self.completion) if self._has_thought else 0
        return Usage(self.prompt, self.completion, self.cached, reasoning)

    def _finished(self, reason: FinishReason | None, stop: str | None = None) -> Finished:
        self._done = True
        if reason is None:
            reason = "tool_calls" if self.calls or (not self._guarded and self.parser.calls) else "stop"
        return Finished(self.index, reason, self.usage, stop)

    def _guard(self, events: list[Event]) -> list[Event]:
        out: list[Event] = []
        for event in events:
            if type(event) is TextDelta:
                self._text(event, out)
            elif type(event) is ToolCallStarted:
                if self._without_calls:
                    continue
                if self._one_call and self.calls:
                    out.append(self._finished("tool_calls"))
                    return out
                self._release(out)
                if self.ended():
                    return out
                self.calls += 1
                out.append(event)
            elif type(event) is ToolCallDelta and self._without_calls:
                continue
            else:
                out.append(event)
            if self.ended():
                break
        return out

    def _text(self, event: TextDelta, out: list[Event]) -> None:
        text, start = event.text, event.start
        stop = self._stop
        if stop is not None:
            start -= len(stop.held)
            text = stop.feed(text)
        self._held_start = start + len(text)
        if text:
            out.append(TextDelta(self.index, text, start, self._tokens(start, start + len(text))))
        if stop is not None and stop.hit is not None:
            out.append(self._finished("stop", stop.hit))

    def _tokens(self, start: int, end: int) -> tuple[TokenLogprob, ...] | None:
        """Take the tokens that end within the raw characters (start, end]; earlier ones were not visible."""
        ends = self._ends
        if ends is None:
            return None
        while ends and ends[0][0] <= start:
            ends.popleft()
        taken: list[TokenLogprob] = []
        while ends and ends[0][0] <= end:
            taken.append(ends.popleft()[1])
        return tuple(taken)
