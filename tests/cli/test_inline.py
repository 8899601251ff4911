"""A thought inside the content is told from the answer, however the pieces are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.cli.inline import Inline


def read(pieces: list[str]) -> tuple[str, str]:
    inline = Inline()
    told = [part for piece in pieces for part in inline.feed(piece)] + list(inline.end())
    return tuple("".join(text for kind, text in told if kind == wanted) for wanted in ("thought", "text"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("content", "thought", "text"),
    [
        ("<think>\nHm,\nwell.\n</think>\n\nYes.\n", "Hm,\nwell.", "Yes.\n"),
        ("<think>\nHm.\n</think>\nYes.", "Hm.", "Yes."),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
        ("Use <think> and </think>.", "", "Use <think> and </think>."),
        ("<think>\nif a </ b", "if a </ b", ""),
        ("<thin", "", "<thin"),
        ("<think>\n\n</think>\n\nYes.", "", "Yes."),
    ],
)
def test_however_it_is_cut(content: str, thought: str, text: str) -> None:
    assert read([content]) == (thought, text)
    assert read(list(content)) == (thought, text)


@given(st.lists(st.text("<think>/\n", max_size=12)))
def test_cuts_change_nothing(pieces: list[str]) -> None:
    assert read(pieces) == read(list("".join(pieces)))
