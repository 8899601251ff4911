"""The one place that reads the JSON decoder's English."""

from __future__ import annotations

import re

import msgspec

from ..chat import Violation

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`$", re.DOTALL)
_TYPES = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`")
_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def violation_of(error: msgspec.DecodeError | UnicodeDecodeError, at: str = "") -> Violation:
    """Return what the decoder found wrong; `at` is the path of what was decoded, empty for the whole body."""
    if not isinstance(error, msgspec.ValidationError):
        return Violation("json", detail=str(error))
    match = _AT.match(str(error))
    assert match is not None  # the pattern takes any text
    what, path = match["what"], _join(at, (match["path"] or "").lstrip("."))
    if found := _MISSING.match(what):
        return Violation("missing", _join(path, found["field"]))
    if found := _UNKNOWN.match(what):
        return Violation("unknown", _join(path, found["field"]))
    if found := _TYPES.match(what):
        expected = tuple(_json_type(name.strip()) for name in found["expected"].split("|"))
        return Violation("type", path, expected, _json_type(found["got"]))
    return Violation("value", path, detail=what)


def _join(path: str, field: str) -> str:
    if not path or not field:
        return path or field
    return f"{path}{field}" if field.startswith("[") else f"{path}.{field}"


def _json_type(name: str) -> str:
    return _JSON_TYPES.get(name, name)
