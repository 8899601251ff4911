"""Stop sequences end the visible answer at the right place, whatever the chunking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.service.stop import StopFilter


def run(chunks: list[str], stops: list[str]) -> tuple[str, str | None]:
    """Feed the chunks as a stream would; return what passed and the sequence that ended it."""
    stop = StopFilter(stops)
    out = ""
    for chunk in chunks:
        out += stop.feed(chunk)
        if stop.hit is not None:
            return out, stop.hit
    return out + stop.flush(), stop.hit


def whole(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The same by definition: the earliest sequence wins, the longest where several begin there."""
    for at in range(len(text)):
        for stop in sorted(stops, key=len, reverse=True):
            if text.startswith(stop, at):
                return text[:at], stop
    return text, None


@pytest.mark.parametrize(
    ("text", "stops", "expected"),
    [
        ("one two three", ["two"], ("one ", "two")),
        ("one two", ["three"], ("one two", None)),
        ("aab", ["ab"], ("a", "ab")),
        ("abc", ["abcd", "c"], ("ab", "c")),
        ("abcd", ["abcd", "c"], ("", "abcd")),
        ("abcabcd", ["abcd"], ("abc", "abcd")),
        ("end", ["end", "en"], ("", "end")),
    ],
)
def test_examples(text: str, stops: list[str], expected: tuple[str, str | None]) -> None:
    assert run([text], stops) == expected
    assert run(list(text), stops) == expected


@given(
    st.lists(st.text("abc", max_size=6), max_size=8),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=4, unique=True),
)
def test_any_chunking_gives_the_definition(chunks: list[str], stops: list[str]) -> None:
    assert run(chunks, stops) == whole("".join(chunks), stops)


@given(st.text("abx", max_size=30), st.text("ab", min_size=1, max_size=5))
def test_holds_no_more_than_could_become_a_stop(text: str, stop: str) -> None:
    filter_ = StopFilter([stop])
    for character in text:
        filter_.feed(character)
        if filter_.hit is not None:
            return
        assert len(filter_.held) < len(stop)
        assert stop.startswith(filter_.held)
