"""What a detector is made of: patterns, and what must be true of a match besides."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .pattern import Pattern

CONTEXT = 48
"""How many characters before a match a check sees."""

AHEAD = 2
"""How many characters after a match a check sees; fewer only at the end of the text."""

Check = Callable[[str, str, str], bool]
"""Whether a match is what it seems: by its text, up to `CONTEXT` characters before it, up to `AHEAD` after it."""


class Rule(NamedTuple):
    """One pattern, written as `form`, and what must be true of a match.

    What `body` takes after a match, and `overflow` after one that filled `LIMIT`, is masked with it: however long it
    is, nothing of it is held. A rule that is `closing` only removes what directly follows something masked.
    """

    form: str
    check: Check | None = None
    overflow: re.Pattern[str] | None = None
    body: re.Pattern[str] | None = None
    closing: bool = False
    ignore_case: bool = False

    @property
    def pattern(self) -> Pattern:
        """The pattern, read when it is first needed: a command that masks nothing reads none."""
        return _read(self.form, self.ignore_case)


@lru_cache(maxsize=4096)
def _read(form: str, ignore_case: bool) -> Pattern:
    return Pattern(form, ignore_case=ignore_case)


class Detector(NamedTuple):
    """A named kind of secret; `label` stands in its place where labels are asked for."""

    name: str
    label: str
    rules: tuple[Rule, ...]

    @property
    def longest(self) -> int:
        """The most characters that are held back for it: its longest match, and what a check sees after it."""
        return max(rule.pattern.longest for rule in self.rules) + AHEAD


def after(words: str) -> re.Pattern[str]:
    """Return the expression that finds one of `words` (alternatives) in the text before a match."""
    return re.compile(words, re.IGNORECASE)
