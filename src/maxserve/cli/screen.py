"""What a chat looks like: answers plain, thoughts dimmed, tool calls marked."""

from __future__ import annotations

import os
from typing import TextIO

from .client import Delta

DIM, CYAN, RED, PLAIN = "\x1b[2m", "\x1b[36m", "\x1b[31m", "\x1b[0m"
PROMPT = "> "


class Screen:
    """Writes to a terminal or to a pipe; only a terminal gets colours and thoughts.

    `out` takes answers, `side` all the rest (thoughts, notes, errors), so that a pipe holds answers alone.
    """

    def __init__(self, out: TextIO, side: TextIO, *, thoughts: bool | None = None) -> None:
        self._out, self._side = out, side
        self._colour = out.isatty() and side.isatty() and not os.environ.get("NO_COLOR")
        self._thoughts = out.isatty() if thoughts is None else thoughts
        self._kind = ""

    def show(self, delta: Delta) -> None:
        """Write one piece of an answer at once."""
        if delta.kind == "thought" and not self._thoughts:
            return
        if delta.kind != self._kind or delta.kind == "call":
            self._turn(delta.kind)
        stream = self._out if delta.kind == "text" else self._side
        stream.write(delta.text)
        stream.flush()

    def end(self) -> None:
        """Close the answer with a line break."""
        self._turn("")

    def note(self, text: str) -> None:
        """Say something that is no answer."""
        self._line(text, DIM)

    def error(self, text: str) -> None:
        """Say what went wrong."""
        self._line(text, RED)

    def prompt(self, text: str = PROMPT) -> str:
        """The prompt for `input`, its colours marked so that readline does not count them."""
        return f"\x01{CYAN}\x02{text}\x01{PLAIN}\x02" if self._colour else text

    def _turn(self, kind: str) -> None:
        before, self._kind = self._kind, kind
        if (before, kind) == ("call", "arguments"):
            self._side.write("(")
            return
        if before == "text":
            self._out.write("\n")
            self._out.flush()
        elif before:
            self._side.write((")" if before == "arguments" else "") + self._paint(PLAIN) + "\n")
            self._side.flush()
        if kind == "thought":
            self._side.write(self._paint(DIM))
        elif kind == "call":
            self._side.write(self._paint(CYAN) + "calls ")

    def _paint(self, colour: str) -> str:
        return colour if self._colour else ""

    def _line(self, text: str, colour: str) -> None:
        print(f"{self._paint(colour)}{text}{self._paint(PLAIN)}", file=self._side, flush=True)
