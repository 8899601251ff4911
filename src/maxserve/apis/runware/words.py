"""What every field must be, in words made from its type, so that an error says what was checked."""

from __future__ import annotations

import msgspec
from msgspec import inspect


class Rule(msgspec.Struct, frozen=True):
    """What a field must be ("an integer between 1 and 4"), and its values where they can be counted."""

    words: str
    allowed: tuple[str, ...] = ()


def rules(struct: type[msgspec.Struct]) -> dict[str, Rule]:
    """Return the rules of a struct's fields by their path; `messages[].role` for what is in an array."""
    found: dict[str, Rule] = {}
    _fields(struct, "", found)
    return found


def _fields(struct: type[msgspec.Struct], at: str, found: dict[str, Rule]) -> None:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for each in info.fields:
        _enter(each.type, f"{at}{each.encode_name}", found)


def _enter(kind: inspect.Type, path: str, found: dict[str, Rule]) -> None:
    found[path] = _rule(kind)
    for each in _types(kind):
        if isinstance(each, inspect.StructType):
            _fields(each.cls, path + ".", found)
        elif isinstance(each, inspect.ListType):
            _enter(each.item_type, path + "[]", found)


def _types(kind: inspect.Type) -> list[inspect.Type]:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [each for each in kinds if not isinstance(each, inspect.NoneType)]


def _rule(kind: inspect.Type) -> Rule:
    kinds = _types(kind)
    allowed = tuple(str(value) for each in kinds if isinstance(each, inspect.LiteralType) for value in each.values)
    return Rule(" or ".join(map(_words, kinds)), allowed)


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType(values=values):
            named = [f"'{value}'" for value in values]
            return named[0] if len(named) == 1 else f"one of {', '.join(named)}"
        case inspect.IntType():
            return "an integer" + _range(kind)
        case inspect.FloatType():
            return "a number" + _range(kind)
        case inspect.BoolType():
            return "a boolean"
        case inspect.StrType(min_length=low, max_length=high):
            return "a string" + _length(low, high, "character")
        case inspect.ListType(min_length=low, max_length=high):
            return "an array" + _length(low, high, "item")
        case _:
            return "an object"


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    low, above, high = kind.ge, kind.gt, kind.le
    if above is not None:
        return f" above {above:g} and at most {high:g}"
    if low is None:
        return ""
    return f" of at least {_number(low)}" if high is None else f" between {_number(low)} and {_number(high)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def _length(low: int | None, high: int | None, unit: str) -> str:
    if low and high:
        return f" of {low} to {high} {unit}s"
    if low:
        return f" of at least {low} {unit}{'' if low == 1 else 's'}"
    return "" if high is None else f" of at most {high} {unit}s"
