"""Raw text becomes JSON of the type that the tool's schema names (docs/wire/minimax.md §14.6).

Conversion is lenient and never fails: what cannot be read as the type is kept as a string. Numbers and JSON that are
valid as written are passed on as written, so no digit is lost.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from .json_schema import Kinds

quote = json.JSONEncoder(ensure_ascii=False).encode
"""Return text as a JSON string."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LOOSE = re.compile(r"(?=[+-]?\.?[0-9])\+?(-?)0*([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def escaped(text: str) -> str:
    """Return text as it stands inside a JSON string."""
    return quote(text)[1:-1]


def converted(text: str, kinds: Kinds) -> str:
    """Return `text` as JSON of one of `kinds`; a string where it is none of them, or none is known."""
    word = text.strip()
    low = word.lower()
    if low == "null" and ("null" in kinds or "string" not in kinds):
        return "null"
    if "boolean" in kinds and low in ("true", "false"):
        return low
    if "integer" in kinds and (whole := integer(word)) is not None:
        return whole
    if "number" in kinds and (some := number(word)) is not None:
        return some
    if kinds & {"object", "array"} and (tree := container(word)) is not None:
        return tree
    if kinds == {"boolean"} and word in ("0", "1"):
        return "true" if word == "1" else "false"
    return quote(text)


def integer(word: str) -> str | None:
    """Return a whole number as JSON, also from "+5" and "5.0"; None where it is not one."""
    if _INTEGER.fullmatch(word):
        return word
    if _NUMBER.fullmatch(word) and len(word) < 300 and (value := float(word)).is_integer():
        return str(int(value))
    loose = _LOOSE.fullmatch(word)
    if loose and word[0] == "+" and not (loose[3] or "").strip("0") and not loose[4]:
        return loose[2] or "0"
    return None


def number(word: str) -> str | None:
    """Return a number as JSON, also from "+5", ".5" and "5."; None where it is not one."""
    if _NUMBER.fullmatch(word):
        return word
    loose = _LOOSE.fullmatch(word)
    if not loose or word.startswith("+-"):
        return None
    text = loose[1] + (loose[2] or "0") + (f".{loose[3]}" if loose[3] else "") + (f"e{loose[4]}" if loose[4] else "")
    return text if _NUMBER.fullmatch(text) else None


def container(word: str) -> str | None:
    """Return a JSON object or array: as written where it is valid, mended where strings have raw line breaks."""
    if word[:1] not in ("{", "["):
        return None
    try:
        _STRICT.decode(word)
        return word
    except (ValueError, RecursionError):
        pass
    try:
        tree = _LOOSE_JSON.decode(word)
        text = json.dumps(tree, ensure_ascii=False, allow_nan=False)
        return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(tree, allow_nan=False)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _digits(text: str) -> Any:
    return 0  # checked by the scanner already; Python's own int() refuses very long ones


_STRICT = json.JSONDecoder(parse_constant=_refuse, parse_int=_digits, parse_float=_digits)
_LOOSE_JSON = json.JSONDecoder(parse_constant=_refuse, strict=False)
