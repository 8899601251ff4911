"""The patterns that a stream can be held against: what they mean, and which are refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.masking import LIMIT, Pattern, PatternError, Policy
from maxserve.masking.automaton import Automaton


def matches(form: str, text: str) -> bool:
    automaton = Automaton([Pattern(form)])
    state = automaton.start
    for letter in text:
        state = state[letter]
    return bool(state.accepts)


def forms() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(["a", "b", "\\d", "[ab]", "[^a]", ".", "\\.", "é", "[à-ÿ]"])
    counts = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,}"])
    parts = st.builds(lambda atom, count: atom + count, atoms, counts)
    return st.recursive(
        parts,
        lambda below: (
            st.lists(below, min_size=1, max_size=3).map("".join)
            | st.builds(lambda left, right, count: f"({left}|{right}){count}", below, below, counts)
        ),
        max_leaves=6,
    )


@settings(max_examples=400, deadline=None)
@given(form=forms(), text=st.text(alphabet="abé1.z\n", max_size=8))
def test_a_pattern_means_what_it_means_as_a_regular_expression(form: str, text: str) -> None:
    try:
        pattern = Pattern(form)
    except PatternError:
        assert re.fullmatch(form, "")
        return
    if text:
        assert matches(form, text) == bool(re.fullmatch(form, text, re.ASCII))
        assert len(text) <= pattern.longest or not matches(form, text)


def test_the_longest_match_is_known() -> None:
    assert Pattern("a{2,5}(b|cd)?").longest == 7
    assert Pattern("ab+").longest == LIMIT


@pytest.mark.parametrize(
    ("form", "literal"),
    [
        ("EMP-\\d{6}", "EMP-"),
        ("\\d+(ab|cd)", ""),
        ("[Xx]yz?", "y"),
        ("(EMP)-\\d", "EMP-"),
        ("(ab)?cd", "cd"),
        ("a+bc", "abc"),
        ("(ab){2}c?", "abab"),
    ],
)
def test_the_fixed_text_of_every_match_is_known(form: str, literal: str) -> None:
    assert Pattern(form).literal == literal


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ("a**", "two counts"),
        ("(a", "not closed"),
        ("a)", "too many"),
        ("[a", "not closed"),
        ("a{2,1}", "counts from"),
        ("a{999}", "counts from"),
        ("(a{100}){100}", "too large"),
        ("a{200}b{200}", "400 characters"),
        ("(?=a)", "plain groups"),
        ("^a", "where a part begins"),
        ("a*", "nothing at all"),
        ("\\b", "means nothing"),
        ("[z-a]", "backwards"),
        ("()", "empty group"),
        ("a{x}", "that is none"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(form: str, complaint: str) -> None:
    with pytest.raises(PatternError, match=complaint) as caught:
        Pattern(form)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("form", [".+", "\\d{6}", "[a-z]+@[a-z]+", "(ab|cd)", "x?\\d"])
def test_a_pattern_of_the_user_holds_a_fixed_text(form: str) -> None:
    with pytest.raises(PatternError, match="matches too much"):
        Policy(patterns=(f"staff={form}",))


@pytest.mark.parametrize("line", ["EMP-\\d{6}", "=EMP", "two words=EMP-\\d", "7=EMP-"])
def test_a_pattern_has_a_label(line: str) -> None:
    with pytest.raises(PatternError, match="LABEL=PATTERN"):
        Policy(patterns=(line,))


@pytest.mark.parametrize("name", ["", "x", " ", "y" * 200])
def test_a_name_is_neither_too_short_nor_too_long(name: str) -> None:
    with pytest.raises(PatternError, match="no name"):
        Policy(names=(name,))


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(ValueError, match="no detector 'emial'; there are private_key"):
        Policy(detectors=("emial",))


def test_text_made_to_visit_many_states_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maxserve.masking.automaton._MOST_STATES", 50)
    policy = Policy(style="labels")
    text = "Write to jane.doe@example.com, call +49 30 901820, pay 4111 1111 1111 1111 or DE89 3704 0044 0532 0130 00."
    expected = Policy(style="labels").mask(text)
    for _ in range(3):
        assert policy.mask(text) == expected
        assert len(policy.machine.automaton._states) <= 50
    mask = policy.text()
    assert "".join(map(mask.feed, text)) + mask.finish() == expected


def test_letters_that_no_pattern_names_fill_no_memory() -> None:
    automaton = Automaton([Pattern("[^a]b"), Pattern("[一-龥]{2}c")])
    for code in range(0x4E00, 0x9FA5):
        assert automaton.start[chr(code)] is automaton.start["一"]
    assert len(automaton.start) < 10
