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


@cache
def phrases(pool: tuple[str, ...], held: bool) -> tuple[str, ...]:
    """Return one side of a pool of phrasings.

    About one in seven is held out, at least one of any pool of four or more; pools of up to three phrasings
    are shared by both sides, because holding out one of them would cost training too much.
    """
    if len(pool) < 4:
        return pool
    ranked = sorted(pool, key=lambda text: crc32(b"phrase:" + text.encode()))
    cut = max(1, len(pool) // 7)
    return tuple(ranked[:cut]) if held else tuple(ranked[cut:])
