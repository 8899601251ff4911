"""Thoughts that come inside the content: a `<think>` block before the answer, as MiniMax's own API writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Piece = tuple[Literal["thought", "text"], str]

_OPEN = "<think>"
_CLOSE = "</think>"
# What may be the beginning of the end, which takes the line breaks before it along.
_HELD = re.compile(r"\n*(?:<(?:/(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?)?$")


class Inline:
    """Splits the content of one answer, given piece by piece, into thought and text.

    Only a block that opens the content is a thought: later ones are the answer's own. The line breaks around the block
    belong to neither.
    """

    def __init__(self) -> None:
        self._held = ""
        self._place = "start"

    def feed(self, piece: str) -> Iterator[Piece]:
        """Yield what is certain now."""
        self._held += piece
        if self._place == "start" and not (len(self._held) < len(_OPEN) and _OPEN.startswith(self._held)):
            thinks = self._held.startswith(_OPEN)
            self._held = self._held.removeprefix(_OPEN)
            self._place = "opened" if thinks else "text"
        if self._place == "opened":
            self._held = self._held.lstrip("\n")
            if self._held:
                self._place = "thought"
        if self._place == "thought":
            yield from self._think()
        if self._place == "closed":
            self._held = self._held.lstrip("\n")
            if self._held:
                self._place = "text"
        if self._place == "text" and self._held:
            yield "text", self._held
            self._held = ""

    def end(self) -> Iterator[Piece]:
        """Yield what was held: the answer is over, perhaps amid its thought."""
        if self._held:
            yield ("thought" if self._place == "thought" else "text"), self._held
            self._held = ""

    def _think(self) -> Iterator[Piece]:
        thought, closed, rest = self._held.partition(_CLOSE)
        if closed:
            thought = thought.rstrip("\n")
            self._held, self._place = rest, "closed"
        else:
            held = _HELD.search(thought)
            cut = held.start() if held else len(thought)
            self._held, thought = thought[cut:], thought[:cut]
        if thought:
            yield "thought", thought
