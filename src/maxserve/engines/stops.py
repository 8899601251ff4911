"""Finds stop strings in streamed text, for servers that do not say which one ended a result."""

from __future__ import annotations

from collections.abc import Sequence


class StopFinder:
    """Reads one result's text in any chunking; holds back what could be the beginning of a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.found: str | None = None

    def feed(self, text: str) -> str:
        """Return the text that is certain now; after a stop string (in `found`) nothing more comes."""
        if self.found is not None:
            return ""
        if not self._stops:
            return text
        text = self._held + text
        first = len(text)
        for stop in self._stops:
            position = text.find(stop, 0, first + len(stop) - 1) if first else -1
            if 0 <= position < first:
                first, self.found = position, stop
        if self.found is not None:
            self._held = ""
            return text[:first]
        held = max(_overlap(text, stop) for stop in self._stops)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def finish(self) -> str:
        """Return what was held back; the result has ended."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that is a beginning of `stop`."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
