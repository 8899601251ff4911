"""Turns what the JSON decoder found wrong into an error that names the field, what came and what was allowed."""

from __future__ import annotations

import re

import msgspec

from ..chat import InvalidRequest

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_TYPES = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`")
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def invalid(error: msgspec.DecodeError | UnicodeDecodeError, at: str = "") -> InvalidRequest:
    """Return the error to answer with; `at` is the path of what was decoded, empty for the whole body."""
    if not isinstance(error, msgspec.ValidationError):
        return InvalidRequest(f"The body is not valid JSON: {error}.")
    match = _AT.match(str(error))
    assert match is not None  # the pattern takes any text
    what, path = match["what"], (match["path"] or "").lstrip(".")
    if at:
        path = f"{at}{path}" if path.startswith("[") else f"{at}.{path}" if path else at
    if missing := _MISSING.match(what):
        path = f"{path}.{missing['field']}" if path else missing["field"]
        return InvalidRequest(f"The field '{path}' is required.", param=path)
    if types := _TYPES.match(what):
        expected = " or ".join(_WORDS.get(word.strip(), word.strip()) for word in types["expected"].split("|"))
        got = _WORDS.get(types["got"], types["got"])
        where = f"The field '{path}'" if path else "The body"
        return InvalidRequest(f"{where} must be {expected}, not {got}.", param=path or None)
    return InvalidRequest(f"The field '{path}' is wrong: {what}." if path else f"{what}.", param=path or None)


class Range(msgspec.Struct, frozen=True):
    """The numbers from `low` to `high`; `above` leaves `low` itself out."""

    low: float
    high: float
    above: bool = False

    def __str__(self) -> str:
        if self.above:
            return f"above {self.low:g} and at most {self.high:g}"
        return f"from {self.low:g} to {self.high:g}"


def within(name: str, value: float | None, range_: Range) -> None:
    """Raise `InvalidRequest` unless `value` is None or in the range."""
    if value is not None and not (range_.low <= value <= range_.high and (value != range_.low or not range_.above)):
        raise InvalidRequest(f"{name} must be {range_}, but it is {value:g}.", param=name)


def between(name: str, value: float | None, low: float, high: float) -> None:
    """Raise `InvalidRequest` unless `value` is None or within low to high, both included."""
    within(name, value, Range(low, high))


def at_most(name: str, value: int | None, high: int | None) -> None:
    """Raise `InvalidRequest` unless one of the two is None or `value` is `high` or less."""
    if value is not None and high is not None and value > high:
        raise InvalidRequest(f"{name} must be at most {high:,}, but it is {value:,}.", param=name)


def at_least(name: str, value: int | None, low: int) -> None:
    """Raise `InvalidRequest` unless `value` is None or `low` or more."""
    if value is not None and value < low:
        raise InvalidRequest(f"{name} must be at least {low}, but it is {value}.", param=name)
