"""Ids that sort by time: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random ones."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(now: float, digits: int | None = None) -> str:
    """Return an id; `now` in Unix seconds, `digits` the 80 bits after it, None = random ones."""
    number = (int(now * 1000) & (1 << 48) - 1) << 80 | (secrets.randbits(80) if digits is None else digits)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
