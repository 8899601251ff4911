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

    A match has `least` characters or more. The two characters before it must not match `unless`, the text before it
    must match `only`, where these are given: they are asked once for all matches that begin at a place, then each
    match is given to `check`.
    What `body` takes after a match, and `overflow` after one that filled `LIMIT`, is masked with it: however long it
    is, nothing of it is held. A rule that is `closing` only removes what directly follows something masked.
    """

    form: str
    check: Check | None = None
    least: int = 1
    only: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    overflow: re.Pattern[str] | None = None
    body: re.Pattern[str] | None = None
    closing: bool = False
    ignore_case: bool = False

    @property
    def pattern(self) -> Pattern:
        """The pattern, read when it is first needed: a command that masks nothing reads none."""
        return _read(self.form, self.ignore_case)

    def may_begin(self, before: str) -> bool:
        """Whether a match may stand after this text."""
        return (self.unless is None or not self.unless.search(before[-2:])) and (
            self.only is None or self.only.search(before) is not None
        )


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


GLUED = re.compile(r"[0-9][-./_:]$|[A-Za-z][-_]$|[#$€£¥]$")
"""Text after which a number is a part of something longer, a price or a number of order."""


def goes_on(behind: str, signs: str = "-./:,+") -> bool:
    """Whether a number goes on behind one of these signs, so that what was found is a part of a longer one."""
    return len(behind) > 1 and behind[0] in signs and behind[1].isdigit()


def after(words: str) -> re.Pattern[str]:
    """Return the expression that finds one of `words` (alternatives) in the text before a match."""
    # Of ASCII, so that a word ends where Chinese begins.
    return re.compile(words, re.IGNORECASE | re.ASCII)


NUMBERED = after(
    r"(order|invoice|ticket|tracking|parcel|serial|isbn|issn|\bid|ref(erence)?|bestell\w*|rechnung\w*|referenz|paket|pedido"
    r"|factura|referencia|paquete|commande|facture|r[eé]f[eé]rence|colis|订单|单号|编号|参考号|版本|货号)"
    r"[ :#.]{0,3}(no|nr|num\w*|number|n\.?º|n°|号)?[ :#.]{0,4}$"
)
"""Text that ends by saying that a number of another kind follows."""
