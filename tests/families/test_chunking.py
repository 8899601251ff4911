"""Whatever a model writes and however it is cut: the same events, no exception, valid JSON (DESIGN: parse)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.families.m2_reader import M2Reader
from maxserve.families.m3_reader import M3Reader
from tests.families.reading import N, Read, block, read, tool

TOOLS = [
    tool(
        "f", x="string", n="integer", o={"type": "object", "properties": {"k": {"type": "array"}}}, z=["string", "null"]
    ),
    tool("g", u={}),
]

COMMON = [
    "[e~[", "[e", "~[", "\u2060", "<", ">", "]", "[", "/", " ", "\n", "\n\n", "\r\n", " " * 70, "\n" * 70, "a", "word ",
    "é🙂",     '"', "\\", "null", "nul", "5", "{", "}", '{"k": [1]}', "]~b]", "<b>", "</b>", "\t", "\u00a0",
]  # fmt: skip
M2_FRAGMENTS = [
    "<think>", "</think>", "<thi", "nk>", "<minimax:tool_call>", "</minimax:tool_call>", "<minimax:", "tool_call>",
    "<invoke", '<invoke name="f">', "<invoke name='g'>", "<invoke name=zz>", '<invoke name="', "</invoke>", "</inv",
    '<parameter name="x">', '<parameter name="n">', "<parameter name=o>", '<parameter name="z">',
    '<parameter name="q">', "</parameter>", "</para", '<parameter name="' + "y" * 400, *COMMON,
]  # fmt: skip
M3_FRAGMENTS = [
    "<mm:think>", "</mm:think>", "<mm:", "think>", N, "]<]mini", "max[>[", f"{N}<tool_call>", f"{N}</tool_call>",
    f'{N}<invoke name="f">', f"{N}<invoke name='g'>", f"{N}<invoke name=zz>", f"{N}<invoke", f"{N}</invoke>", f"{N}<x>",
    f"{N}</x>", f"{N}<n>", f"{N}</n>", f"{N}<o>", f"{N}</o>", f"{N}<k>", f"{N}</k>", f"{N}<item>", f"{N}</item>",
    f"{N}<z>", f"{N}<u>", f"{N}</u>", "<x>", "</x>", f"{N}<" + "y" * 400, *COMMON,
]  # fmt: skip

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=5)
STATES = st.sampled_from(["open", "closed", "free"])
KINDS: dict[str, tuple[type[M2Reader | M3Reader], list[str]]] = {
    "m2": (M2Reader, M2_FRAGMENTS),
    "m3": (M3Reader, M3_FRAGMENTS),
}


def raw_of(fragments: list[str], most: int = 24) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(fragments) | st.text(max_size=3), max_size=most).map("".join)


def inside(name: str) -> str:
    """The beginning of an output that is in a string's value, where most of the rules apply."""
    if name == "m2":
        return '<minimax:tool_call>\n<invoke name="f">\n<parameter name="x">'
    return f'{N}<tool_call>\n{N}<invoke name="f">{N}<o>'


@pytest.mark.parametrize("name", ["m2", "m3"])
@settings(max_examples=150)
@given(data=st.data(), state=STATES, sizes=SIZES, deep=st.booleans(), with_tools=st.booleans())
def test_chunks_make_no_difference(
    name: str, data: st.DataObject, state: Any, sizes: list[int], deep: bool, with_tools: bool
):
    kind, fragments = KINDS[name]
    raw = (inside(name) if deep else "") + data.draw(raw_of(fragments))
    tools = TOOLS if with_tools else []
    whole = read(kind(state, tools), raw)
    assert read(kind(state, tools), raw, sizes) == whole
    assert read(kind(state, tools), raw, (1,)) == whole
    for _, arguments in whole.calls:
        assert isinstance(json.loads(arguments), dict)
        arguments.encode()


@pytest.mark.parametrize("name", ["m2", "m3"])
@given(data=st.data(), state=STATES, sizes=SIZES)
def test_a_well_formed_call_after_garbage_is_found(name: str, data: st.DataObject, state: Any, sizes: list[int]):
    kind, fragments = KINDS[name]
    # The end mark ends everything, and an open tag would take the call's first tag for its end.
    garbage = data.draw(raw_of([f for f in fragments if not f.endswith("y") and "~" not in f]))
    if "[e~[" in garbage or "]~b]" in garbage:
        return
    if name == "m2":
        good = block(("f", {"x": "one", "n": "1"}))
    else:
        good = f'{N}<tool_call>\n{N}<invoke name="f">{N}<x>one{N}</x>{N}<n>1{N}</n>{N}</invoke>\n{N}</tool_call>'
    got = read(kind(state, TOOLS), garbage + "\n" + good, sizes)
    assert got.calls[-1][0] == "f"
    assert got.arguments[-1] == {"x": "one", "n": 1}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("m3", f'{N}<tool_call>{N}<invoke name="f">{N}<o>a{N}<invoke[e~[>b'),
        ("m2", '<minimax:tool_call><invoke name="a[e~[b"></invoke>'),
        ("m2", "   " * 30 + "</think>a"),
        ("m2", "a" + " " * 99 + "<minimax:tool_call><invoke name=f></invoke></minimax:tool_call>" + " " * 99),
    ],
)
def test_cuts_that_once_made_a_difference(name: str, raw: str):
    kind, _ = KINDS[name]
    for state in ("open", "closed"):
        whole = read(kind(state, TOOLS), raw)  # type: ignore[arg-type]
        for size in range(1, 40):
            assert read(kind(state, TOOLS), raw, (size,)) == whole  # type: ignore[arg-type]


@given(raw_of([f for f in COMMON if f != "[e~["]), SIZES)
def test_text_without_tags_is_passed_on_as_it_is(raw: str, sizes: list[int]):
    if "[e~[" in raw or "\u2060" in raw:
        return
    for kind, _ in KINDS.values():
        assert read(kind("closed", fresh=False), raw, sizes) == Read("", raw, [])
