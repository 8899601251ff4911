"""Checks of request fields, with errors in the words that OpenAI's, Anthropic's and MiniMax's APIs share."""

from __future__ import annotations

import msgspec

from ..chat import InvalidRequest, Violation
from .violation import violation_of

_WORDS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def invalid(error: msgspec.DecodeError | UnicodeDecodeError, at: str = "") -> InvalidRequest:
    """Return the error to answer with; `at` is the path of what was decoded, empty for the whole body."""
    violation = violation_of(error, at)
    return InvalidRequest(_sentence(violation), param=violation.path or None, violation=violation)


def required(path: str) -> InvalidRequest:
    """Return the error of a field that is required and missing."""
    violation = Violation("missing", path)
    return InvalidRequest(_sentence(violation), param=path, violation=violation)


def _sentence(violation: Violation) -> str:
    path, where = violation.path, f"The field '{violation.path}'" if violation.path else "The body"
    match violation.kind:
        case "json":
            return f"The body is not valid JSON: {violation.detail}."
        case "missing":
            return f"The field '{path}' is required."
        case "type":
            expected = " or ".join(_WORDS.get(name, name) for name in violation.expected)
            return f"{where} must be {expected}, not {_WORDS.get(violation.got, violation.got)}."
        case "unknown":
            return f"{where} is wrong: Object contains unknown field `{path.rpartition('.')[2]}`."
        case "value":
            return f"The field '{path}' is wrong: {violation.detail}." if path else f"{violation.detail}."


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
