"""Sets of characters, as patterns speak of them, and which characters make one word."""

from __future__ import annotations

from functools import lru_cache


class Charset:
    """A set of characters: single ones, ranges of them (both ends included), or everything but these."""

    __slots__ = ("negated", "ranges", "single")

    def __init__(self, single: frozenset[str], ranges: tuple[tuple[str, str], ...] = (), negated: bool = False) -> None:
        self.single = single
        self.ranges = ranges
        self.negated = negated

    def __contains__(self, letter: str) -> bool:
        found = letter in self.single or any(low <= letter <= high for low, high in self.ranges)
        return found is not self.negated

    def folded(self) -> Charset:
        """Return the set with both cases of each character that stands alone in it."""
        both = {other for letter in self.single for other in (letter, letter.lower(), letter.upper())}
        return Charset(frozenset(letter for letter in both if len(letter) == 1), self.ranges, self.negated)


@lru_cache(maxsize=512)
def letters(text: str, ranges: tuple[tuple[str, str], ...] = (), *, negated: bool = False) -> Charset:
    """Return a set of single characters and ranges; short ranges are spelled out, so that looking up is quick."""
    single = set(text)
    long = []
    for low, high in ranges:
        if ord(high) - ord(low) < 128:
            single |= {chr(code) for code in range(ord(low), ord(high) + 1)}
        else:
            long.append((low, high))
    return Charset(frozenset(single), tuple(long), negated)


DIGITS = letters("", (("0", "9"),))
WORD = letters("_", (("0", "9"), ("A", "Z"), ("a", "z")))
SPACE = letters(" \t\r\n\u00a0\u3000")
CJK = letters("", (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7af"), ("\uf900", "\ufaff")))
"""Scripts that are written without spaces between words, and Korean, whose endings stick to a word."""


def joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word: no secret begins or ends between them."""
    if left.isascii():
        if not (left.isalnum() or left == "_"):
            return False
    elif not left.isalnum() or left in CJK:
        return False
    if right.isascii():
        return right.isalnum() or right == "_"
    return right.isalnum() and right not in CJK
