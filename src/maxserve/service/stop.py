"""Stop sequences on the visible answer, found across any chunking."""

from __future__ import annotations

from collections.abc import Sequence


class StopFilter:
    """Passes text through until one of `stops` appears; holds back only what could still become one.

    The sequence that begins earliest wins, the longer one where two begin together. Hidden thinking never passes
    through here, so a stop sequence cannot cut a thought (docs/wire/minimax.md §17.4).
    """

    __slots__ = ("_longest", "_stops", "held", "hit")

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = sorted(stops, key=len, reverse=True)
        self._longest = len(self._stops[0])
        self.held = ""
        self.hit: str | None = None

    def feed(self, text: str) -> str:
        """Return what is certain to belong to the answer; after a hit (`hit` is set) the answer is over."""
        text = self.held + text
        at, found = self._first(text)
        # One that began earlier, or is longer, may still be growing at the end of the text: it wins over the one found.
        keep = self._growing(text, at)
        if found is not None and keep > at:
            self.hit, self.held = found, ""
            return text[:at]
        self.held = text[keep:]
        return text[:keep]

    def flush(self) -> str:
        """Return what is held, up to a stop sequence that waited there for a longer one that did not come."""
        held, self.held = self.held, ""
        at, self.hit = self._first(held)
        return held[:at]

    def _first(self, text: str) -> tuple[int, str | None]:
        """The place of the earliest stop sequence and the sequence, or the end of the text and None."""
        at, found = len(text), None
        for stop in self._stops:
            position = text.find(stop, 0, at + len(stop) - 1)
            if position != -1 and position < at:
                at, found = position, stop
        return at, found

    def _growing(self, text: str, limit: int) -> int:
        """The first position from which the rest of the text is a proper beginning of a stop sequence."""
        for start in range(max(0, len(text) - self._longest + 1), len(text)):
            if start > limit:
                break
            tail = text[start:]
            if any(stop.startswith(tail) and len(stop) > len(tail) for stop in self._stops):
                return start
        return len(text)
