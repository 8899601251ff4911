"""A stable hash decides what training may see and what only the evaluation sees.

Nothing random is involved: the same value or phrasing falls on the same side in every run and on every machine.
"""

from functools import cache
from zlib import crc32

VALUE_SHARE = 10
"""Percentage of all values (number pairs, words, codes) that training never sees."""


def is_held(key: str) -> bool:
    """Whether a value belongs to the evaluation."""
    return crc32(b"value:" + key.encode()) % 100 < VALUE_SHARE


ALWAYS_TRAINED = frozenset({
    "What is {x}?", "what is {x}", "what is {b}?", "What is the capital of {c}?", "How do I make {x}?", "Write a haiku about {t}.",
    "What are the main differences between {a} and {b}?", "When would I choose {a} over {b}?", "Hello!", "hi",
    "What is {a} + {b}?", "What is {a} - {b}?", "What is my name?", "Who are you?", "Tell me a joke.", "Thank you.",
})  # fmt: skip
"""The plainest phrasings; the evaluation asks them with unseen values only."""


@cache
def phrases(pool: tuple[str, ...], held: bool) -> tuple[str, ...]:
    """Return one side of a pool of phrasings.

    About one in seven is held out, at least one of any pool of four or more; pools of up to three phrasings
    are shared by both sides, because holding out one of them would cost training too much.
    """
    if len(pool) < 4:
        return pool
    ranked = sorted(pool, key=lambda text: crc32(b"phrase:" + text.encode()))
    held_back = [text for text in ranked if text not in ALWAYS_TRAINED][: max(1, len(pool) // 7)]
    return tuple(held_back) if held else tuple(text for text in pool if text not in held_back)
