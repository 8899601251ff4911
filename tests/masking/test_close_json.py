"""Whatever is cut from a JSON object, its end can be found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.masking.close_json import close_json as closing

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    value=st.dictionaries(st.text(max_size=4), VALUES, max_size=4),
    place=st.floats(0, 1),
    ascii=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
def test_every_beginning_has_an_end(value: dict[str, object], place: float, ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    begun = text[: round(place * len(text))]
    assert isinstance(json.loads(begun + closing(begun)), dict)
    assert closing(text) == ""


@pytest.mark.parametrize(
    ("begun", "end"),
    [
        ("", "{}"),
        ("{", "}"),
        ('{"a', '":null}'),
        ('{"a": "x\\', '\\"}'),
        ('{"a": "x\\\\', '"}'),
        ('{"a": "x\\u0', '000"}'),
        ('{"a": [1, ', "null]}"),
        ('{"a": -', "0}"),
        ('{"a": tr', "ue}"),
        ('{"a": 1,', '"":null}'),
    ],
)
def test_the_end_is_short(begun: str, end: str) -> None:
    assert closing(begun) == end
