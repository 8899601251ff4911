"""Entries of one and of several lines."""

from __future__ import annotations

import pytest

from maxserve.cli.terminal import read_entry


def read(*lines: str, multi: bool = False) -> str:
    given = iter(lines)

    def ask(_: str) -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    entry = read_entry(ask, "> ", multi=multi)
    assert list(given) == [], "lines were left over"
    return entry


@pytest.mark.parametrize(
    ("lines", "entry"),
    [
        (["hello"], "hello"),
        ([""], ""),
        (["one\\", "two\\", "three"], "one\ntwo\nthree"),
        (['"""', "a", "", "b", '"""'], "a\n\nb"),
        (['"""a', 'b"""'], "a\nb"),
        (['"""all in one"""'], "all in one"),
        (['"""', '"""'], ""),
    ],
)
def test_entries(lines: list[str], entry: str) -> None:
    assert read(*lines) == entry


def test_multi_reads_to_the_fence() -> None:
    assert read("a", "/quit", 'b"""', multi=True) == "a\n/quit\nb"


def test_an_end_inside_an_entry_ends_it() -> None:
    with pytest.raises(EOFError):
        read('"""', "a")
