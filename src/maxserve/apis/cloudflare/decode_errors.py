"""What is wrong with a request, in the words that Cloudflare's schema check uses (docs/wire/cloudflare.md §2.3)."""

from __future__ import annotations

import msgspec

from ...chat import Error, InvalidRequest, Violation
from ..violation import violation_of

_TYPE_NAMES = {"integer": "number"}
"""JSON types that the schema check calls by another name."""


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
    return _malformed(violation_of(error, at))


def schema_message(error: Error) -> str:
    """Return what is wrong with a request in the schema check's words, whichever API read it."""
    if isinstance(error, Malformed | InvalidProvider | BadFormat) or error.param is None:
        return error.message
    violation = error.violation if isinstance(error, InvalidRequest) else None
    if violation is None or violation.kind not in ("missing", "type"):
        return unfit(error.param, error.message).message
    return _malformed(msgspec.structs.replace(violation, path=error.param)).message


def _malformed(violation: Violation) -> Malformed:
    path = violation.path or "body"
    match violation.kind:
        case "json":
            return Malformed(f"Invalid JSON: {violation.detail}")
        case "missing":
            return missing(violation.path)
        case "type":
            expected = list(dict.fromkeys(_TYPE_NAMES.get(name, name) for name in violation.expected))
            if len([name for name in expected if name != "null"]) > 1:
                return unfit(path, "Invalid input")  # a union: Zod names no branch
            got = _TYPE_NAMES.get(violation.got, violation.got)
            return unfit(path, f"Invalid input: expected {expected[0]}, received {got}")
        case "unknown":
            return unfit(
                path.rpartition(".")[0] or "body", f"Object contains unknown field `{path.rpartition('.')[2]}`"
            )
        case "value":
            return unfit(
                path, "Invalid input" if violation.detail.startswith("Invalid enum value") else violation.detail
            )


def in_range(path: str, value: float | None, low: float, high: float | None = None, *, above: bool = False) -> None:
    """Raise `Malformed` unless `value` is None or in the range; `above` leaves `low` itself out."""
    if value is None:
        return
    if value < low or (above and value == low):
        raise beyond(path, f"Too small: expected number to be {'>' if above else '>='}{low:g}")
    if high is not None and value > high:
        raise beyond(path, f"Too big: expected number to be <={high:g}")
