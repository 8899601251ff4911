"""Masking of tool-call arguments: values only, still JSON, still of the schema's types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.masking.arguments import ArgumentMask

from .seeds import POLICY, SIZES, pieces, texts


def masked(raw: str, sizes: list[int] | None = None) -> str:
    mask = ArgumentMask(POLICY.machine)
    return "".join([*map(mask.feed, pieces(raw, sizes or [len(raw) or 1])), mask.finish()])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts(3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts(1), below, max_size=3),
    max_leaves=8,
)


def kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kinds(below) for key, below in value.items()}
    if isinstance(value, list):
        return [kinds(below) for below in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@settings(max_examples=300, deadline=None)
@given(value=st.dictionaries(texts(1), VALUES, max_size=4), sizes=SIZES, ascii_only=st.booleans())
def test_any_cut_gives_the_same_json_of_the_same_types(
    value: dict[str, Any], sizes: list[int], ascii_only: bool
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only)
    whole = masked(raw)
    assert masked(raw, sizes) == whole
    assert masked(raw, [1]) == whole
    assert kinds(json.loads(whole)) == kinds(json.loads(raw))


@settings(max_examples=300, deadline=None)
@given(raw=st.text(alphabet='{}[]",:\\u0d8c41-e.+ @b', max_size=60), sizes=SIZES)
def test_what_is_no_json_is_cut_the_same_way(raw: str, sizes: list[int]) -> None:
    assert masked(raw, sizes) == masked(raw) == masked(raw, [1])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"a":"x@y.com"}', '{"a":"[EMAIL]"}'),
        ('{"x@y.com":"b"}', '{"x@y.com":"b"}'),
        ('{"a":["x@y.com",{"b":"123-45-6789"}],"c":1.5e3}', '{"a":["[EMAIL]",{"b":"[SSN]"}],"c":1.5e3}'),
        ('{"a":"x\\u0040y.com"}', '{"a":"[EMAIL]"}'),
        ('{"a":"line\\nx@y.com\\ttab \\"q\\" \\\\"}', '{"a":"line\\n[EMAIL]\\ttab \\"q\\" \\\\"}'),
        ('{"card":4111111111111111}', '{"card":0}'),
        ('{"phone_number":"030 1234567"}', '{"phone_number":"[PHONE]"}'),
        ('{"quantity":"030 1234567"}', '{"quantity":"030 1234567"}'),
        ('{"phoneNumber":13812345678}', '{"phoneNumber":0}'),
        ('{"a":"\\ud83d\\ude42 x@y.com"}', '{"a":"🙂 [EMAIL]"}'),
        ('{"a":"\\ud83d x"}', '{"a":"\\ud83d x"}'),
        ('{"a":true,"b":null,"c":-0.5}', '{"a":true,"b":null,"c":-0.5}'),
        ('{"a":"cut of', '{"a":"cut of'),
        ("{}", "{}"),
    ],
)
def test_values_are_masked(raw: str, expected: str) -> None:
    for size in (1, 2, 3, 7, 100):
        assert masked(raw, [size]) == expected


def test_a_piece_of_a_value_is_held() -> None:
    mask = ArgumentMask(POLICY.machine)
    assert mask.feed('{"to": "jane@exam') == '{"to": "'
    assert mask.feed('ple.com", "n": 12') == '[EMAIL]", "n": '
    assert mask.feed("3}") == "123}"


def test_an_endless_number_is_not_held() -> None:
    mask = ArgumentMask(POLICY.machine)
    mask.feed('{"n": ')
    assert mask.feed("1" * 60) == ""
    assert mask.feed("1" * 60) == "1" * 120
    assert mask.feed("23}") == "23}"
