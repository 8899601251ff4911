"""What is wrong with a request, in the words that Cloudflare's schema check uses (specs/cloudflare.md §2.3)."""

from __future__ import annotations

import re

import msgspec

from ...chat import InvalidRequest

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_TYPES = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`")
_ENUM = re.compile(r"Invalid enum value")
_TYPE_NAMES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "array": "array",
    "object": "object",
    "null": "null",
}


class Malformed(InvalidRequest):
    """A body that does not fit the schema; `message` is the tail of Cloudflare's own sentence."""


class BadFormat(InvalidRequest):
    """A model without a provider before it, where one is needed (2019)."""


class InvalidProvider(InvalidRequest):
    """A provider whose models are not served here (2008)."""


class UnknownGateway(InvalidRequest):
    """An account on the gateway host that is none, and so has no gateways (2001)."""


def missing(path: str) -> Malformed:
    """A field that must be there."""
    return Malformed(f"Required value missing: {path}", param=path)


def unfit(path: str, what: str) -> Malformed:
    """A value that cannot stand there."""
    return Malformed(f"Invalid value at {path}: {what}", param=path)


def beyond(path: str, what: str) -> Malformed:
    """A number out of its range."""
    return Malformed(f"Validation error at {path}: {what}", param=path)


def malformed(error: msgspec.DecodeError | UnicodeDecodeError, at: str = "") -> Malformed:
    """Return what the decoder found wrong; `at` is the path of what was decoded, empty for the whole body."""
    if not isinstance(error, msgspec.ValidationError):
        return Malformed(f"Invalid JSON: {error}")
    match = _AT.match(str(error))
    assert match is not None  # the pattern takes any text
    what, path = match["what"], (match["path"] or "").lstrip(".")
    if at:
        path = f"{at}{path}" if path.startswith("[") else f"{at}.{path}" if path else at
    if found := _MISSING.match(what):
        return missing(f"{path}.{found['field']}" if path else found["field"])
    if found := _TYPES.match(what):
        expected = list(
            dict.fromkeys(_TYPE_NAMES.get(each.strip(), each.strip()) for each in found["expected"].split("|"))
        )
        if len([each for each in expected if each != "null"]) > 1:
            return unfit(path or "body", "Invalid input")  # a union: Zod names no branch
        got = _TYPE_NAMES.get(found["got"], found["got"])
        return unfit(path or "body", f"Invalid input: expected {expected[0]}, received {got}")
    return unfit(path or "body", "Invalid input" if _ENUM.match(what) else what)


def in_range(path: str, value: float | None, low: float, high: float | None = None, *, above: bool = False) -> None:
    """Raise `Malformed` unless `value` is None or in the range; `above` leaves `low` itself out."""
    if value is None:
        return
    if value < low or (above and value == low):
        raise beyond(path, f"Too small: expected number to be {'>' if above else '>='}{low:g}")
    if high is not None and value > high:
        raise beyond(path, f"Too big: expected number to be <={high:g}")
