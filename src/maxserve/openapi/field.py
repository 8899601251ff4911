"""What the document says of a field beyond its type: the table that wire structs have no room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..apis.validation import Range


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Meaning, limits and default of one field.

    `range` holds for numbers, `low` where only the smallest value is limited, `values` for strings, `least` and `most`
    for the length of strings and lists, `pattern` for strings. `items` says the same of a list's items or of an
    object's values. `default` is what a request that is silent gets. `required` is for fields that the struct leaves
    open because some paths stand for them. `schema` replaces the type that was found.
    """

    text: str
    range: Range | None = None
    low: int | None = None
    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    pattern: str | None = None
    items: Field | None = None
    default: Any = msgspec.UNSET
    required: bool = False
    schema: dict[str, Any] | None = None


Fields = Mapping[type, Mapping[str, Field]]
"""The fields of each struct by name."""


def limits(field: Field, kind: str) -> dict[str, Any]:
    """Return the JSON-schema keywords that hold for values of JSON type `kind`."""
    found: dict[str, Any] = {}
    if kind in ("number", "integer"):
        if field.range is not None:
            low, high = _number(field.range.low), _number(field.range.high)
            found["exclusiveMinimum" if field.range.above else "minimum"] = low
            found["maximum"] = high
        elif field.low is not None:
            found["minimum"] = field.low
    if kind == "string" and field.values:
        found["enum"] = list(field.values)
    if kind == "string" and field.pattern is not None:
        found["pattern"] = field.pattern
    names = {"string": "Length", "array": "Items", "object": "Properties"}
    if kind in names:
        found |= {
            word + names[kind]: size for word, size in (("min", field.least), ("max", field.most)) if size is not None
        }
    return found


def _number(value: float) -> float:
    return int(value) if value == int(value) else value
