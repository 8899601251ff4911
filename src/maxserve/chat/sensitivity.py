"""Kinds of sensitive content, and what was found of them: MiniMax's seven, with its numbers (docs/wire/minimax.md
§4.7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Category = Literal["severe", "pornography", "advertising", "prohibited", "abuse", "violence", "other"]

CATEGORIES: dict[Category, int] = {
    "severe": 1,
    "pornography": 2,
    "advertising": 3,
    "prohibited": 4,
    "abuse": 5,
    "violence": 6,
    "other": 7,
}
"""The categories and their numbers; the lower, the graver."""


class Sensitivity(msgspec.Struct, frozen=True):
    """What was found in a prompt and in its answer: the number of the gravest category, 0 = nothing."""

    input: int = 0
    output: int = 0

    @staticmethod
    def gravest(found: Iterable[Sensitivity | None]) -> Sensitivity:
        """Return the gravest of both in several findings."""
        looked = [each for each in found if each is not None]
        return Sensitivity(
            min((each.input for each in looked if each.input), default=0),
            min((each.output for each in looked if each.output), default=0),
        )


def category_of(number: int) -> Category:
    """Return the category with this number; "other" for a number that is none."""
    return next((name for name, own in CATEGORIES.items() if own == number), "other")
