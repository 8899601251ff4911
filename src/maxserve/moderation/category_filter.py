"""Patterns in an answer as it comes: what is only told passes at once, what would block is held until it is certain."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ..chat import (
    Event,
    Finished,
    ReasoningDelta,
    Sensitivity,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from ..masking.text import Machine, TextMask
from ..masking.unescape import Unescaper

Piece = TextDelta | ReasoningDelta | ToolCallDelta


class CategoryScanner(NamedTuple):
    """One category: its number, whether it blocks, and its patterns."""

    number: int
    blocks: bool
    machine: Machine


class CategoryFilter:
    """Looks through one answer, batch for batch.

    A result that is blocked ends where the first match begins, with `Finished("content_filter")` and no usage; what
    comes of it afterwards is swallowed. The `sensitivity` of `Finished` tells what blocked, or else what was found.
    What passes does not depend on how it came.
    """

    __slots__ = ("_lookers", "_results")

    def __init__(self, lookers: Sequence[CategoryScanner]) -> None:
        self._lookers = lookers
        self._results: dict[int, _Result] = {}

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """Take a batch; return what may pass now, which may be nothing."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta | ToolCallStarted | Finished):
                result = self._results.get(event.index)
                if result is None:
                    result = self._results[event.index] = _Result(event.index, self._lookers)
                if not result.over:
                    result.take(event, out)
            else:
                out.append(event)
        return out


class _Result:
    """One result: what was found in it, and the part that is being written."""

    __slots__ = ("_found", "_index", "_lookers", "_part", "over")

    def __init__(self, index: int, lookers: Sequence[CategoryScanner]) -> None:
        self._index = index
        self._lookers = lookers
        self._found: set[int] = set()
        self._part: _Part | None = None
        self.over = False

    def take(self, event: Piece | ToolCallStarted | Finished, out: list[Event]) -> None:
        part = self._part
        if isinstance(event, ToolCallStarted | Finished):
            self._end(out)
            if self.over:
                return
            if isinstance(event, Finished) and self._found:
                event = msgspec.structs.replace(event, sensitivity=Sensitivity(output=min(self._found)))
            out.append(event)
            return
        key = (type(event), event.call if isinstance(event, ToolCallDelta) else 0)
        if part is not None and part.key != key:
            self._end(out)
            if self.over:
                return
            part = None
        if part is None:
            part = self._part = _Part(key, self._lookers)
        part.take(event, out)
        if part.blocked:
            self._block(part, out)

    def _end(self, out: list[Event]) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        part.finish(out)
        if part.blocked:
            self._block(part, out)
        else:
            self._found |= part.found()

    def _block(self, part: _Part, out: list[Event]) -> None:
        self.over = True
        out.append(Finished(self._index, "content_filter", sensitivity=Sensitivity(output=part.cause())))


class _Part:
    """A thought, a text or the arguments of one call; places count letters from its beginning."""

    __slots__ = ("_cut", "_given", "_held", "_masks", "_reader", "_spans", "_waits", "blocked", "key")

    def __init__(self, key: tuple[type[Piece], int], lookers: Sequence[CategoryScanner]) -> None:
        self.key = key
        self.blocked = False
        self._masks = [(looker, TextMask(looker.machine)) for looker in lookers]
        self._waits = any(looker.blocks for looker in lookers)
        self._reader = Unescaper() if key[0] is ToolCallDelta else None
        self._spans: list[tuple[int, int]] = []
        self._cut: int | None = None
        self._held: deque[Piece] = deque()
        self._given = 0

    def take(self, piece: Piece, out: list[Event]) -> None:
        """Look at a piece; pass on what is certain to stand before any match that blocks."""
        text = _text(piece)
        self._look(text if self._reader is None else self._reader.feed(text))
        if not self._waits:
            out.append(piece)
            return
        self._held.append(piece)
        decided = min([mask.decided for _, mask in self._masks])
        # An earlier match of another category may still be growing: it decides where the answer is cut.
        if self._cut is not None and decided >= self._cut:
            self.blocked, decided = True, self._cut
        self._give(decided if self._reader is None else self._reader.raw(decided), out)

    def finish(self, out: list[Event]) -> None:
        """Decide about all that is held: nothing more comes."""
        if self._reader is not None:
            self._look(self._reader.finish())
        for looker, mask in self._masks:
            mask.finish()
            self._note(looker, mask)
        if self._cut is not None:
            self.blocked = True
            self._give(self._cut if self._reader is None else self._reader.raw(self._cut), out)
        else:
            out += self._held
        self._held.clear()

    def found(self) -> set[int]:
        """Return the numbers of what was found."""
        return {number for _, number in self._spans}

    def cause(self) -> int:
        """Return the number of what blocks."""
        blocking = {looker.number for looker, _ in self._masks if looker.blocks}
        return min(number for start, number in self._spans if start == self._cut and number in blocking)

    def _look(self, letters: str) -> None:
        for looker, mask in self._masks:
            mask.feed(letters)
            if mask.spans:
                self._note(looker, mask)

    def _note(self, looker: CategoryScanner, mask: TextMask) -> None:
        for span in mask.spans:
            self._spans.append((span.start, looker.number))
            if looker.blocks and (self._cut is None or span.start < self._cut):
                self._cut = span.start
        mask.spans.clear()

    def _give(self, end: int, out: list[Event]) -> None:
        """Pass on what stands before `end`."""
        held = self._held
        while held and self._given < end:
            piece = held.popleft()
            size = len(_text(piece))
            if self._given + size > end:
                piece, rest = _split(piece, end - self._given)
                held.appendleft(rest)
                size = end - self._given
            out.append(piece)
            self._given += size


def _text(piece: Piece) -> str:
    return piece.arguments if isinstance(piece, ToolCallDelta) else piece.text


def _split(piece: Piece, at: int) -> tuple[Piece, Piece]:
    """Cut a piece in two; of its tokens the first piece has those that end within it."""
    if isinstance(piece, ToolCallDelta):
        return (
            ToolCallDelta(piece.index, piece.call, piece.arguments[:at]),
            ToolCallDelta(piece.index, piece.call, piece.arguments[at:]),
        )
    if isinstance(piece, ReasoningDelta):
        return ReasoningDelta(piece.index, piece.text[:at]), ReasoningDelta(piece.index, piece.text[at:])
    tokens = piece.logprobs
    first = rest = None
    if tokens is not None:
        # The last token ends with the piece or before it: counted from there, all of them have their places.
        count, end = len(tokens), len(piece.text)
        while count and end > at:
            count -= 1
            end -= len(tokens[count].token)
        if count < len(tokens) and end + len(tokens[count].token) <= at:
            count += 1
        first, rest = tokens[:count], tokens[count:]
    return (
        TextDelta(piece.index, piece.text[:at], piece.start, first),
        TextDelta(piece.index, piece.text[at:], piece.start + at, rest),
    )
