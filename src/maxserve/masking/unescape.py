"""The letters that JSON text means, and where in it they stand."""

from __future__ import annotations

import re
from collections import deque

_HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"{_HIGH}\\u[dD][c-fC-F][0-9a-fA-F]{{2}}|\\u[0-9a-fA-F]{{4}}|\\[^u]")
_UNFINISHED = re.compile(rf"(?:\\(?:u[0-9a-fA-F]{{0,3}})?|{_HIGH}(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?)\Z")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Unescaper:
    """Reads JSON text that comes in pieces and gives what it means: escapes become letters, all else stays.

    Escapes stand only in strings, so the text around them needs no parsing. Half an escape waits for its end.
    """

    __slots__ = ("_ends", "_held", "_raw", "_read")

    def __init__(self) -> None:
        self._held = ""
        self._read = 0
        self._raw = 0
        self._ends: deque[tuple[int, int]] = deque([(0, 0)])

    def feed(self, text: str) -> str:
        """Take a piece; return the letters that are certain now."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text)
        end = unfinished.start() if unfinished is not None and not _escaped(text, unfinished.start()) else len(text)
        self._held = text[end:]
        return self._letters(text[:end])

    def finish(self) -> str:
        """Return what is held, as it is: its end did not come."""
        held, self._held = self._held, ""
        return self._letters(held)

    def raw(self, place: int) -> int:
        """Return where in the JSON text the letter at `place` begins; from call to call places only grow."""
        while len(self._ends) > 1 and self._ends[1][0] <= place:
            self._ends.popleft()
        read, raw = self._ends[0]
        return raw + place - read

    def _letters(self, text: str) -> str:
        if "\\" not in text:
            self._read += len(text)
            self._raw += len(text)
            return text
        out: list[str] = []
        at = 0
        for found in _ESCAPE.finditer(text):
            letter = _letter(found[0])
            out += (text[at : found.start()], letter)
            self._read += found.start() - at
            self._raw += found.start() - at
            # The letter itself begins where its escape does: what follows it lies further apart.
            self._ends.append((self._read, self._raw))
            self._read += len(letter)
            self._raw += found.end() - found.start()
            self._ends.append((self._read, self._raw))
            at = found.end()
        out.append(text[at:])
        self._read += len(text) - at
        self._raw += len(text) - at
        return "".join(out)


def unescaped(text: str) -> str:
    """Return what a whole JSON text means, letter by letter."""
    reader = Unescaper()
    return reader.feed(text) + reader.finish()


def _escaped(text: str, at: int) -> bool:
    """Whether the sign at this place belongs to an escape that began before it."""
    before = at
    while before and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def _letter(escape: str) -> str:
    if escape[1] != "u":
        return _SHORT.get(escape[1], escape[1])
    units = [int(unit, 16) for unit in escape.split("\\u")[1:]]
    if len(units) == 1:
        return chr(units[0])
    return chr(0x10000 + ((units[0] - 0xD800) << 10) + (units[1] - 0xDC00))
