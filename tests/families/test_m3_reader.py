"""M3's raw output, quirk by quirk (docs/wire/minimax.md §15.4, §15.5, §15c)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from maxserve.chat import TextDelta, Tool, ToolCallDelta, ToolCallStarted
from maxserve.families.m3_reader import M3Reader
from tests.families.reading import N, m3, read, tool


def calls(*inner: str) -> str:
    body = "".join(f'{N}<invoke name="f">{text}{N}</invoke>\n' for text in inner)
    return f"{N}<tool_call>\n{body}{N}</tool_call>"


def element(name: str, *inner: str) -> str:
    return f"{N}<{name}>{''.join(inner)}{N}</{name}>"


def one(inner: str, tools: list[Tool]) -> Any:
    """Read one call and return its arguments."""
    got = m3(calls(inner), tools)
    assert got.content == ""
    (arguments,) = got.arguments
    return arguments


@pytest.mark.parametrize(
    ("raw", "thinking", "reasoning", "content"),
    [
        ("<mm:think>Hm.</mm:think>Hello.", "free", "Hm.", "Hello."),
        ("\n <mm:think>Hm.</mm:think>Hello.", "free", "Hm.", "Hello."),
        ("</mm:think>Hello.", "free", "", "Hello."),
        ("Hello.", "free", "", "Hello."),
        ("Hm.</mm:think>Hello.", "open", "Hm.", "Hello."),
        ("<mm:think>Hm.</mm:think>Hello.", "open", "Hm.", "Hello."),
        ("Hello.", "closed", "", "Hello."),
        ("</mm:think>Hello.", "closed", "", "Hello."),
        ("<mm:think>Hm.</mm:think>Hello.", "closed", "Hm.", "Hello."),
    ],
)
def test_output_may_begin_in_three_ways(raw: str, thinking: str, reasoning: str, content: str):
    """docs/wire/minimax.md §15.5: a thought, a bare end tag, or a plain answer; whatever the prompt's mode."""
    assert m3(raw, thinking=thinking) == (reasoning, content, [])


def test_later_tags_are_text():
    """docs/wire/minimax.md §15b, §15c (vLLM #48663): JSON that holds the text `<mm:think>` stays content."""
    raw = '{"tag": "<mm:think>", "end": "</mm:think>"}'
    assert m3(raw) == ("", raw, [])
    assert m3("</mm:think>" + raw) == ("", raw, [])


def test_tags_in_small_pieces():
    """docs/wire/minimax.md §15.5, §15c (vLLM #45718): tags may be made of ordinary tokens."""
    assert m3("<mm:think>a</mm:think>b", sizes=(2, 3)) == ("a", "b", [])


def test_thinking_says_whether_a_thought_may_still_come():
    reader = M3Reader("free")
    assert reader.thinking
    reader.feed("<mm:")
    assert reader.thinking
    reader.feed("think>")
    assert reader.thinking
    reader.feed("x</mm:think>")
    assert not reader.thinking
    plain = M3Reader("free")
    plain.feed("Hel")
    assert not plain.thinking
    bare = M3Reader("free")
    bare.feed("</mm:think>")
    assert not bare.thinking


def test_a_tool_block_inside_the_thought_ends_it():
    """docs/wire/minimax.md §15c."""
    raw = f"<mm:think>I call.{calls(element('x', '1'))}"
    assert m3(raw, [tool(x="integer")]) == ("I call.", "", [("f", '{"x": 1}')])


def test_content_around_blocks():
    """docs/wire/minimax.md §15.4, §15b: no line break before the block; vLLM drops text after it, we keep it."""
    raw = f"Before.{calls('')}[e~[\n"
    assert m3(raw).content == "Before."
    assert m3(f"A {calls('')}\nB{calls('')} C").content == "A\nB C"


def test_scalars_are_typed_by_the_schema():
    """docs/wire/minimax.md §15.5."""
    made = tool(s="string", i="integer", n="number", b="boolean", z=["integer", "null"])
    inner = element("s", " 5 ") + element("i", "5") + element("n", "5.50") + element("b", "true") + element("z", "null")
    assert one(inner, [made]) == {"s": " 5 ", "i": 5, "n": 5.5, "b": True, "z": None}


def test_objects_and_lists_nest():
    """docs/wire/minimax.md §15.4: objects are elements, lists are `<item>`s."""
    made = tool(o={"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number"}}, "b": {}}})
    inner = element("o", element("a", element("item", "1"), element("item", "2")), element("b", element("c", "x")))
    assert one(inner, [made]) == {"o": {"a": [1, 2], "b": {"c": "x"}}}


def test_items_without_a_schema_are_a_list():
    assert one(element("x", element("item", "1"), element("item", "2")), []) == {"x": ["1", "2"]}


def test_a_property_called_item():
    made = tool(o={"type": "object", "properties": {"item": {"type": "integer"}}})
    assert one(element("o", element("item", "1")), [made]) == {"o": {"item": 1}}


def test_repeated_names_are_a_list():
    """docs/wire/minimax.md §15.5."""
    listed = tool(x={"type": "array", "items": {"type": "integer"}}, o="object", s="string")
    assert one(element("x", "1") + element("x", "2"), [listed]) == {"x": [1, 2]}
    assert one(element("x", "1"), [listed]) == {"x": [1]}
    assert one(element("x", "1") + element("s", "a") + element("x", "2"), [listed]) == {"x": [1, 2], "s": "a"}
    assert one(element("o", element("k", "1"), element("k", "2")), [listed]) == {"o": {"k": ["1", "2"]}}
    assert one(element("u", "1") + element("u", "2"), [listed]) == {"u": ["1", "2"]}
    assert one(element("s", "a") + element("s", "b"), [listed]) == {"s": "a"}


def test_text_between_children():
    """docs/wire/minimax.md §15.5: it goes into `$text`."""
    assert one(element("o", " see ", element("k", "1"), "\n"), [tool(o="object")]) == {"o": {"k": "1", "$text": "see"}}


def test_json_text_for_an_object_or_list_is_read():
    made = tool(o="object", a="array")
    assert one(element("o", '{"k": [1]}') + element("a", "[1, 2]"), [made]) == {"o": {"k": [1]}, "a": [1, 2]}


def test_empty_elements():
    made = tool(o="object", a="array", s="string", z={"type": ["integer", "null"]})
    assert one(element("o") + element("a") + element("s") + element("z"), [made]) == {
        "o": {},
        "a": [],
        "s": "",
        "z": None,
    }


def test_nesting_is_bounded():
    """docs/wire/minimax.md §15.5: 128 levels; deeper tags are text, and nothing overflows."""
    for depth in (128, 129, 5_000):
        raw = f'{N}<tool_call>{N}<invoke name="f">' + f"{N}<a>" * depth + "x" + f"{N}</a>" * depth + f"{N}</invoke>"
        got = read(M3Reader("closed"), raw)
        levels, here = 0, got.arguments[0]
        while isinstance(here, dict):
            here, levels = here["a"], levels + 1
        assert levels == min(depth, 128)
        assert here == "<a>" * (depth - levels) + "x" + "</a>" * (depth - levels)


def test_wrong_and_missing_end_tags_are_forgiven():
    made = tool(city="string", days="integer", o={"type": "object", "properties": {"k": {"type": "string"}}})
    assert one(f"{N}<city>Rom{N}</cty>" + element("days", "2"), [made]) == {"city": "Rom", "days": 2}
    assert one(f"{N}<city>Rom" + element("days", "2"), [made]) == {"city": "Rom", "days": 2}
    assert one(f"{N}<days>2" + element("city", "Rom"), [made]) == {"days": 2, "city": "Rom"}
    assert one(f"{N}<o>{N}<k>v{N}</o>" + element("city", "Rom"), [made]) == {"o": {"k": "v"}, "city": "Rom"}
    assert one(f"{N}</city>" + element("city", "Rom") + f"{N}</city>", [made]) == {"city": "Rom"}
    assert one(f"{N}<o>{N}<k>v{N}</k>", [made]) == {"o": {"k": "v"}}


def test_tags_inside_a_string_are_text():
    made = tool(html="string")
    inner = f"{N}<html><p>a</p>{N}<b>c{N}</b> ]<]x {N}</html>"
    assert one(inner, [made]) == {"html": "<p>a</p><b>c</b> ]<]x "}


def test_names_may_be_quoted_anyhow():
    for quoted in ("'f'", "f", '"f"'):
        raw = f"{N}<tool_call>{N}<invoke name={quoted}>{N}</invoke>{N}</tool_call>"
        assert m3(raw).calls == [("f", "{}")]


def test_arguments_as_one_json_object_are_taken():
    assert one('{"x": {"y": 1}}', [tool(x="object")]) == {"x": {"y": 1}}


def test_a_parameter_with_the_name_of_a_tag():
    made = tool(tool_call="string", invoke="integer")
    assert one(element("tool_call", "a") + element("invoke", "1"), [made]) == {"tool_call": "a", "invoke": 1}


def test_string_arguments_stream_as_they_are_written():
    """docs/wire/minimax.md §15b: vLLM sends them when the call is finished."""
    reader = M3Reader("free", [tool(x="string", y="object")], 1, ids="call-{}".format)
    assert reader.feed(f'{N}<tool_call>\n{N}<invoke name="f">') == [ToolCallStarted(1, 0, "call-0", "f")]
    assert reader.feed(f"{N}<x>") == [ToolCallDelta(1, 0, '{"x": "')]
    assert reader.feed("one") == [ToolCallDelta(1, 0, "one")]
    assert reader.feed("two]") == [ToolCallDelta(1, 0, "two")]
    assert reader.feed("<]minimax[>[</x>") == [ToolCallDelta(1, 0, '"')]
    assert reader.feed(f"{N}<y>{N}<k>v") == []
    assert reader.feed(f"{N}</k>{N}</y>") == [ToolCallDelta(1, 0, ', "y": {"k": "v"}')]
    assert reader.feed(f"{N}</invoke>") == [ToolCallDelta(1, 0, "}")]


def test_a_truncated_call_has_valid_arguments():
    made = tool(s="string", o={"type": "object", "properties": {"a": {"type": "array"}}}, i="integer")
    raw = calls(element("s", 'a "b"') + element("o", element("a", element("item", "1"))) + element("i", "12"))
    for end in range(len(raw)):
        for _, arguments in m3(raw[:end], [made]).calls:
            assert isinstance(json.loads(arguments), dict)


@pytest.mark.parametrize(
    "broken",
    [
        f"{N}<tool_call>\n",
        f"{N}<tool_call>\n{N}<invoke name=>",
        f"{N}<tool_call>\njunk{N}</tool_call>",
        f'{N}<tool_call>\n{N}<invoke name="g">{N}<q>zz',
        f'{N}<tool_call>\n{N}<invoke name="g">{N}<q',
        f"{N}</tool_call>{N}</invoke>{N}",
        '<tool_call><invoke name="g">',
    ],
)
def test_the_next_well_formed_call_is_found_after_a_broken_one(broken: str):
    tools = [tool("f", x="integer"), tool("g", q="string")]
    for thinking in ("open", "closed", "free"):
        assert m3(broken + calls(element("x", "1")), tools, thinking).calls[-1] == ("f", '{"x": 1}')


def test_a_lone_mark_is_text():
    assert m3(f"The mark is {N} or {N}<tool_call>.").content == f"The mark is {N} or {N}<tool_call>."


def test_the_end_mark_ends_the_output():
    assert m3("Hello.[e~[\n]~b]user").content == "Hello."
    assert m3(f'{N}<tool_call>{N}<invoke name="f">{N}<x>a[e~[b', [tool(x="string")]).arguments == [{"x": "a"}]


def test_neutralised_text_comes_back_as_it_was():
    """docs/wire/minimax.md §14.4."""
    assert m3("Use <\u2060mm:think> and ]\u2060<]minimax[>[.").content == "Use <mm:think> and ]<]minimax[>[."
    assert one(f"{N}<\u2060think>a{N}</\u2060think>", [tool(think="string")]) == {"think": "a"}


def test_offsets_count_raw_characters():
    reader = M3Reader("free")
    assert reader.feed("</mm:think>\nHi") == [TextDelta(0, "Hi", 12)]


@pytest.mark.parametrize(
    "raw",
    [
        "]<" * 4_500,
        f"{N}" * 1_000,
        f"{N}<tool_call>" * 1_500,
        f'{N}<tool_call>{N}<invoke name="f">' + f"{N}<a>" * 1_000,
        f'{N}<tool_call>{N}<invoke name="f">' + f"{N}<x>" * 1_000,
        f'{N}<tool_call>{N}<invoke name="f">{N}<y>' + f"{N}</z>" * 1_000,
        f'{N}<tool_call>{N}<invoke name="f">{N}<' + "a" * 9_000,
        f'{N}<tool_call>{N}<invoke name="f">{N}<y>' + "a\n" * 4_500,
    ],
    ids=lambda raw: repr(raw[-24:]),
)
def test_adversarial_output_is_read_in_linear_time(raw: str):
    began = time.process_time()
    for thinking in ("open", "closed"):
        read(M3Reader(thinking, [tool(x="string", y="array")]), raw, (1,))
    assert time.process_time() - began < 1.0
