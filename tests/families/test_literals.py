"""No control literal survives in untrusted text (docs/wire/minimax.md §14.4)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.families.literals import (
    JOINER,
    LITERALS,
    neutralise,
    neutralise_arguments,
    neutralise_json,
    neutralise_key,
    neutralise_response,
    restore,
)

FRAGMENTS = [
    *LITERALS,
    "]<]image[>[",
    "]<]minimax[>[",
    "]<]start of image[>[",
    "]~",
    "b]",
    "!b[",
    "[e",
    "~[",
    "<",
    "/",
    ">",
    "]",
    "[",
]
FRAGMENTS += [
    "think",
    "mm:",
    "tool_call>",
    "minimax:",
    "minimax[>[",
    "]<",
    "response>",
    JOINER,
    " ",
    "\n",
    "a",
    "é",
    "🙂",
]
HOSTILE = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join) | st.text(max_size=12)
FOLLOWING = [
    "[e~[\n",
    "]<]minimax[>[<tool_call>",
    "]~b]ai\n",
    "\n<minimax:tool_call>",
    "</response>",
    "</mm:think>",
    '"}',
    "\n",
]
LEADING = ["]~b]user\n", "<response>", "<mm:think>", '">', "</mm:think>", "\n\n"]


def present(text: str) -> list[tuple[int, str]]:
    """Every control literal of a text, with its place; overlapping ones too."""
    return [
        (match.start(), literal) for literal in LITERALS for match in re.finditer(f"(?={re.escape(literal)})", text)
    ]


@pytest.mark.parametrize("literal", [*LITERALS, "]<]image[>[", "]<]minimax[>["])
def test_every_literal_is_broken_and_comes_back(literal: str):
    broken = neutralise(f"a {literal} b")
    assert literal not in broken
    assert broken.replace(JOINER, "") == f"a {literal} b"
    assert restore(broken) == f"a {literal} b"


@given(HOSTILE)
def test_no_literal_survives_and_a_second_pass_changes_nothing(text: str):
    safe = neutralise(text)
    assert present(safe) == []
    assert neutralise(safe) == safe
    assert safe.replace(JOINER, "") == text.replace(JOINER, "")


@given(HOSTILE, HOSTILE)
def test_joined_texts_are_neutralised_after_joining(name: str, text: str):
    assert present(neutralise(f"{name}: {text}")) == []
    assert present(neutralise(name + text)) == []


@given(HOSTILE, st.sampled_from(LEADING), st.sampled_from(FOLLOWING))
def test_no_literal_arises_or_is_lost_at_the_seams(text: str, before: str, after: str):
    """What a tokenizer finds in the prompt is what the template wrote: nothing more, nothing less, nothing moved."""
    safe = neutralise(text)
    expected = present(before) + [(at + len(before) + len(safe), literal) for at, literal in present(after)]
    assert sorted(present(before + safe + after)) == sorted(expected)


@given(HOSTILE)
def test_a_tool_s_result_cannot_end_itself(text: str):
    safe = neutralise_response(text)
    assert "</response>" not in safe
    assert "<response>" not in safe
    assert present(safe) == []


@given(HOSTILE)
def test_a_parameter_s_name_cannot_be_a_control_tag(key: str):
    safe = neutralise_key(key)
    assert [found for _, found in present(f"]<]minimax[>[<{safe}>") if "think" in found or "tool_call" in found] == []
    assert [found for _, found in present(f"]<]minimax[>[</{safe}>") if "think" in found or "tool_call" in found] == []
    assert present(safe) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=6,
)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in [key, *strings(item)]]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


@given(st.dictionaries(HOSTILE, JSON, max_size=3))
def test_json_is_neutralised_throughout(value: dict[str, Any]):
    assert present(json.dumps(neutralise_json(value), ensure_ascii=False)) == []
    for text in strings(neutralise_arguments(value)):
        assert present(text) == []
        assert present(text + "[e~[") == [(len(text), "[e~[")]


def test_harmless_values_are_not_copied():
    value = {"filename": ["a < b", "x[0]"], "o": {"k": "]"}}
    assert neutralise_json(value) is value
    assert neutralise_arguments(value) is value
