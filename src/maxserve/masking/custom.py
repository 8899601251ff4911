"""What the user adds: names, and patterns of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .pattern import Pattern, PatternError
from .rule import Detector, Rule

_LABEL = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,31})=(.+)", re.DOTALL)
_SHORTEST_NAME = 2
_LONGEST_NAME = 128


def names(listed: Sequence[str]) -> Detector:
    """Return the detector of the user's names: whole words, in any case, with any single white space between them.

    Raises `PatternError` for a name of fewer than 2 or more than 128 characters.
    """
    return Detector("names", "NAME", tuple(_name(name) for name in dict.fromkeys(listed)))


def _name(name: str) -> Rule:
    words = name.split()
    if not _SHORTEST_NAME <= len(" ".join(words)) <= _LONGEST_NAME:
        raise PatternError(f"{name!r} is no name to look for: {_SHORTEST_NAME} to {_LONGEST_NAME} characters are.")
    return Rule("\\s{1,2}".join("".join(map(_letter, word)) for word in words), ignore_case=True)


def _letter(letter: str) -> str:
    capitals = letter.upper()
    if len(capitals) > 1:
        return f"({letter}|{capitals})"  # Groß and GROSS
    return letter if letter.isalnum() else f"\\{letter}"


def pattern(line: str) -> Detector:
    """Return the detector of a line `LABEL=PATTERN`; raises `PatternError` (see `Pattern.checked`)."""
    found = _LABEL.fullmatch(line)
    if found is None:
        raise PatternError(f"{line!r} is not of the form LABEL=PATTERN, with a label of letters, digits and _.")
    return Detector(found[1].lower(), found[1].upper(), (Rule(Pattern.checked(found[2]).text),))
