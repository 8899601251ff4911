"""Tables and texts on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[str] = ()) -> str:
    """Return aligned columns under their names; those in `right` stand on the right, as numbers do."""
    wide = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    numbers = [name in right for name in head]
    lines = []
    for row in (head, *rows):
        cells = zip(row, wide, numbers, strict=True)
        lines.append("  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in cells))
    return "\n".join(line.rstrip() for line in lines)


def fields(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Return names and values, one pair a line; those without a value are left out."""
    shown = [(name, value) for name, value in pairs if value is not None]
    wide = max(len(name) for name, _ in shown)
    return "\n".join(f"{name:{wide}}  {printable(value)}" for name, value in shown)


def printable(text: str) -> str:
    """Return text in which nothing is left that a terminal would act on."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def indented(body: bytes) -> str:
    """Return JSON on several lines, moved to the right."""
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except msgspec.DecodeError:
        text = body.decode("utf-8", "replace")
    return "\n".join(f"  {printable(line)}" for line in text.split("\n"))


def clock(moment: datetime | None) -> str | None:
    """Return a time in UTC, to the second."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def duration(seconds: float) -> str:
    """Return seconds in the unit that suits them."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.2f} s"
