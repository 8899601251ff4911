"""What is wrong with a request, in the words that Cloudflare's schema check uses (docs/wire/cloudflare.md §2.3)."""

from __future__ import annotations

import re

import msgspec

from ...chat import Error, InvalidRequest

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_TYPES = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`")
_ENUM = re.compile(r"Invalid enum value")
_REQUIRED = re.compile(r"The field '.+' is required\.?").fullmatch
_WANTED = re.compile(r"The field '.+' must be (?P<expected>.+), not (?P<got>an? \w+|null)\.?").fullmatch
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


def told(error: Error) -> str:
    """Return what is wrong with a request in the schema check's words, also where another dialect read it."""
    if isinstance(error, Malformed | InvalidProvider | BadFormat) or error.param is None:
        return error.message
    if _REQUIRED(error.message):
        return missing(error.param).message
    if found := _WANTED(error.message):
        expected, got = _plain(found["expected"].removesuffix(" or null")), _plain(found["got"])
        what = f"Invalid input: expected {expected}, received {got}" if expected and got else "Invalid input"
        return unfit(error.param, what).message
    return unfit(error.param, error.message).message


def _plain(words: str) -> str:
    """The type that "an integer" names, empty where it names none or several."""
    name = words.rpartition(" ")[2]
    kinds = {**{kind: kind for kind in _TYPE_NAMES.values()}, "integer": "number"}
    return "" if " or " in words else kinds.get(name, "")


def in_range(path: str, value: float | None, low: float, high: float | None = None, *, above: bool = False) -> None:
    """Raise `Malformed` unless `value` is None or in the range; `above` leaves `low` itself out."""
    if value is None:
        return
    if value < low or (above and value == low):
        raise beyond(path, f"Too small: expected number to be {'>' if above else '>='}{low:g}")
    if high is not None and value > high:
        raise beyond(path, f"Too big: expected number to be <={high:g}")
