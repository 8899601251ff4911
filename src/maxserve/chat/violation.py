"""A field of a request that broke its declaration, as a value that every API puts into its own words."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["json", "missing", "unknown", "type", "value"]
"""What is wrong: the body is not JSON, a required field is missing, a field is unknown, a value has the wrong type, or
it breaks another rule of its type (range, length, allowed values)."""


class Violation(msgspec.Struct, frozen=True):
    """One broken rule of a request."""

    kind: Kind
    path: str = ""
    """The field, as `messages[0].content`; empty for the whole body."""
    expected: tuple[str, ...] = ()
    """JSON types that the field takes, where `kind` is "type": "string", "integer", "number", "boolean", "array",
    "object", "null"."""
    got: str = ""
    """The JSON type that came, where `kind` is "type"."""
    detail: str = ""
    """The decoder's own sentence, where `kind` is "json" or "value"."""
