"""M2's raw output, quirk by quirk (docs/wire/minimax.md §14.5, §14.6, §15c)."""

from __future__ import annotations

import json
import time

import pytest

from maxserve.chat import ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted
from maxserve.families.m2_reader import M2Reader
from tests.families.reading import block, gather, m2, read, tool

WEATHER = tool("get_weather", city="string", days="integer")


def test_output_begins_inside_the_thought():
    """docs/wire/minimax.md §14.6: the prompt has opened it."""
    assert m2("Hm.\n</think>\n\nHello.", thinking="open")[:2] == ("Hm.", "Hello.")


@pytest.mark.parametrize("raw", ["<think>\nHm.\n</think>\n\nHello.", "\n<think>Hm.</think>Hello."])
def test_a_repeated_start_tag_is_swallowed(raw: str):
    """docs/wire/minimax.md §14.6, §15c: M2.5 and M2.7 emit their own `<think>`."""
    assert m2(raw, thinking="open")[:2] == ("Hm.", "Hello.")


def test_a_start_tag_at_a_line_of_the_thought_is_swallowed_but_a_mention_is_not():
    assert m2("One.\n<think>\nTwo.</think>A", thinking="open").reasoning == "One.\nTwo."
    assert m2("The tag <think> opens.</think>A", thinking="open").reasoning == "The tag <think> opens."


def test_line_breaks_around_the_thought_belong_to_nobody_and_other_white_space_stays():
    assert m2("\n\n  a b \n\n</think>\r\n\n    code\n", thinking="open")[:2] == ("  a b ", "    code\n")


def test_content_is_verbatim():
    text = 'if a < b and c[0] > d: # ]~b] </p> <b>"x"</b> &lt; \t\n\n\n end  \n'
    assert m2("</think>\n\n" + text, thinking="open").content == text


def test_a_tool_call_inside_the_thought_ends_it():
    """docs/wire/minimax.md §15c: reasoning must end at `<minimax:tool_call>` even without `</think>`."""
    got = m2("I call." + block(("get_weather", {"city": "Rom"})), [WEATHER], "open")
    assert got == ("I call.", "", [("get_weather", '{"city": "Rom"}')])


def test_a_mention_of_the_block_tag_in_a_thought_does_not_end_it():
    got = m2("I write <minimax:tool_call> now.</think>Done.", [WEATHER], "open")
    assert got[:2] == ("I write <minimax:tool_call> now.", "Done.")


def test_a_tool_block_may_come_right_after_the_thought():
    """docs/wire/minimax.md §14.5: three line breaks then stand between the end tag and the block; none is content."""
    got = m2("Hm.\n</think>\n\n" + block(("get_weather", {"city": "Rom", "days": "2"})) + "[e~[\n", [WEATHER], "open")
    assert got == ("Hm.", "", [("get_weather", '{"city": "Rom", "days": 2}')])


def test_white_space_before_a_block_is_not_content():
    assert m2("Let me look. \n" + block(("get_weather", {})), [WEATHER]).content == "Let me look."


def test_text_after_a_block_is_content():
    """docs/wire/minimax.md §15b: vLLM drops it; here nothing is lost."""
    raw = "Before." + block(("get_weather", {})) + "\n\nAfter." + block(("get_weather", {})) + "\nEnd.\n"
    got = m2(raw, [WEATHER])
    assert got.content == "Before.\n\nAfter.\nEnd.\n"
    assert len(got.calls) == 2


def test_text_after_a_block_without_text_before_it_loses_its_leading_breaks():
    assert m2(block(("get_weather", {})) + "\n\nAfter.", [WEATHER]).content == "After."


def test_text_after_a_call_in_a_block_that_never_ends_is_content():
    raw = '<minimax:tool_call>\n<invoke name="get_weather">\n</invoke>\nIt rains.'
    assert m2(raw, [WEATHER])[1:] == ("It rains.", [("get_weather", "{}")])


def test_several_calls_in_a_block_and_several_blocks():
    raw = block(("get_weather", {"city": "Rom"}), ("get_weather", {"city": "Oslo"})) + block(("get_weather", {}))
    assert m2(raw, [WEATHER]).arguments == [{"city": "Rom"}, {"city": "Oslo"}, {}]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("string", "5", "5"),
        ("string", "null", "null"),
        (["string", "null"], "null", None),
        (["string", "null"], "nullable", "nullable"),
        (["string", "null"], "nul", "nul"),
        ("integer", "5", 5),
        ("integer", " 5\n", 5),
        ("integer", "+5", 5),
        ("integer", "5.0", 5),
        ("integer", "five", "five"),
        ("integer", "null", None),
        ("integer", "9" * 5000, "9" * 5000),
        ("number", "5", 5),
        ("number", "-5.25e3", -5250.0),
        ("number", ".5", 0.5),
        ("number", "5.", 5),
        ("number", "NaN", "NaN"),
        ("number", "1_000", "1_000"),
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("boolean", "1", True),
        ("boolean", "maybe", "maybe"),
        ("object", '{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ("object", "{'a': 1}", "{'a': 1}"),
        ("object", '{"a": NaN}', '{"a": NaN}'),
        ("object", '{"a": "one\ntwo"}', {"a": "one\ntwo"}),
        ("object", '{"a": "\\ud800"}', {"a": "\ud800"}),
        ("object", "[" * 100_000, "[" * 100_000),
        ("array", '["a", "b"]', ["a", "b"]),
        ("array", "a, b", "a, b"),
        (["integer", "string"], "7", 7),
        (["integer", "string"], "007", "007"),
        ("int", "3", 3),
        (None, "7", "7"),
        (None, "null", None),
        (None, "true", "true"),
    ],
)
def test_arguments_are_typed_by_the_schema(kind: object, raw: str, value: object):
    """docs/wire/minimax.md §14.6: literal null is null; numbers, booleans, objects and arrays are converted; what
    fails is a string.
    """
    schema = {} if kind is None else {"type": kind}
    (call,) = m2(block(("f", {"x": raw})), [tool(x=schema)]).calls
    if isinstance(value, str) and value.isdigit() and len(value) > 4000:
        assert call[1] == '{"x": ' + value + "}"
    else:
        assert json.loads(call[1]) == {"x": value}


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "4", 4),
        ({"oneOf": [{"type": "array"}, {"$ref": "#/$defs/n"}]}, "4", 4),
        ({"$ref": "#/$defs/n"}, "4", 4),
        ({"$ref": "#/$defs/loop"}, "4", "4"),
        ({"$ref": "https://example.org/x"}, "4", "4"),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": True}, "true", True),
        ({"allOf": [{"description": "x"}, {"type": "boolean"}]}, "true", True),
        ({"type": "integer", "nullable": True}, "null", None),
        ({"properties": {}}, "{}", {}),
        ({"items": {}}, "[]", []),
        (True, "4", "4"),
    ],
)
def test_types_are_found_behind_references_and_branches(schema: object, raw: str, value: object):
    made = tool(x=schema)
    made.parameters["$defs"] = {"n": {"type": "integer"}, "loop": {"$ref": "#/$defs/loop"}}
    assert m2(block(("f", {"x": raw})), [made]).arguments == [{"x": value}]


def test_white_space_in_a_value_is_data():
    """docs/wire/minimax.md §14.6: nothing between the tags is stripped."""
    assert m2(block(("f", {"x": "\n  a \n\n"})), [tool(x="string")]).arguments == [{"x": "\n  a \n\n"}]


@pytest.mark.parametrize("quoted", ["'f'", "f", '"f"', ' "f" '])
def test_names_may_be_quoted_anyhow(quoted: str):
    """docs/wire/minimax.md §14.6."""
    inner = quoted.replace("f", "x")
    raw = f"<minimax:tool_call><invoke name={quoted}><parameter name={inner}>1</parameter></invoke></minimax:tool_call>"
    assert m2(raw, [tool(x="integer")])[1:] == ("", [("f", '{"x": 1}')])


def test_a_missing_end_of_a_parameter_is_forgiven():
    """docs/wire/minimax.md §14.6: before the next parameter, before the end of the call, of the block, and of the
    output.
    """
    head = '<minimax:tool_call>\n<invoke name="f">\n<parameter name="x">a b\n'
    two = [tool(x="string", y="integer")]
    assert m2(head + '<parameter name="y">3</invoke>\n</minimax:tool_call>', two).arguments == [{"x": "a b", "y": 3}]
    assert m2(head + "</invoke>\n</minimax:tool_call>", two).arguments == [{"x": "a b"}]
    assert m2(head + "</minimax:tool_call>", two).arguments == [{"x": "a b"}]
    assert m2(head + '<invoke name="f"></invoke></minimax:tool_call>', two).arguments == [{"x": "a b"}, {}]
    assert m2(head + "[e~[", two).arguments == [{"x": "a b\n"}]


def test_tags_that_make_no_sense_in_a_value_are_data():
    """A model that writes code about tool calls must be able to."""
    value = 'say </parameter> or </invoke> or <parameter name="zz"> or <invoke name="zz"> or <minimax:tool_call>.'
    assert m2(block(("f", {"x": value})), [tool(x="string", y="string")]).arguments == [{"x": value}]


def test_a_truncated_call_has_valid_arguments():
    raw = block(("f", {"x": 'a "quoted" line', "n": "12", "o": '{"a": [1, 2]}'}))
    for end in range(raw.index("x"), len(raw)):
        for _, arguments in m2(raw[:end], [tool(x="string", n="integer", o="object")]).calls:
            assert isinstance(json.loads(arguments), dict)


@pytest.mark.parametrize(
    "broken",
    [
        "<minimax:tool_call>\n<invoke name=>\n</invoke>\n</minimax:tool_call>",
        "<minimax:tool_call>\n",
        "<minimax:tool_call>\nfoo\n",
        '<minimax:tool_call>\n{"name": "f"}\n</minimax:tool_call>',
        '<minimax:tool_call>\n<invoke name="g">\n<parameter name="q">zz',
        '<minimax:tool_call>\n<invoke name="g">\n<parameter nam',
        '<minimax:tool_call>\n<invoke name="g">junk<parameter name="n">7',
        "</minimax:tool_call></invoke>",
        "<tool_calls>[]</tool_calls>",
    ],
)
def test_the_next_well_formed_call_is_found_after_a_broken_one(broken: str):
    tools = [tool("f", x="integer"), tool("g", q="string")]
    for thinking in ("open", "closed"):
        assert m2(broken + block(("f", {"x": "1"})), tools, thinking).calls[-1] == ("f", '{"x": 1}')


def test_a_call_after_garbage_in_a_block_is_found_if_its_tool_is_known():
    raw = 'A <minimax:tool_call> junk <invoke name="f"><parameter name="x">1</parameter></invoke></minimax:tool_call>'
    assert m2(raw, [tool(x="integer")]).calls == [("f", '{"x": 1}')]
    assert m2(raw.replace('"f"', '"g"'), [tool(x="integer")]).calls == []


def test_the_wrong_template_s_syntax_is_text():
    """docs/wire/minimax.md §15c: `<tool_calls>` comes from an M1 template."""
    raw = '<tool_calls>\n{"name": "f", "arguments": {}}\n</tool_calls>'
    assert m2(raw, [tool()]) == ("", raw, [])


def test_an_unknown_tool_is_still_a_call():
    assert m2(block(("zz", {"a": "1"})), [tool()]).calls == [("zz", '{"a": "1"}')]


def test_the_first_of_two_parameters_of_one_name_wins():
    """It may be on its way to the client already."""
    raw = (
        '<minimax:tool_call><invoke name="f"><parameter name="x">1</parameter><parameter name="x">2</parameter>'
        '<parameter name="y">3</parameter></invoke></minimax:tool_call>'
    )
    assert m2(raw, [tool(x="string", y="string")]).calls == [("f", '{"x": "1", "y": "3"}')]


def test_arguments_as_one_json_object_are_taken():
    raw = '<minimax:tool_call>\n<invoke name="f">\n{"x": {"y": 1}}\n</invoke>\n</minimax:tool_call>'
    assert m2(raw, [tool(x="object")]).arguments == [{"x": {"y": 1}}]


def test_the_end_mark_ends_the_output():
    assert m2("Hello.\n[e~[\n]~b]user\nhi").content == "Hello.\n"
    assert m2("Hm[e~[ho", thinking="open") == ("Hm", "", [])


def test_stray_end_tags():
    """At the beginning of an answer they are dropped, later they are text."""
    assert (
        m2("</think>\n\n</think>\n\nHello </think> </minimax:tool_call>.").content
        == "Hello </think> </minimax:tool_call>."
    )


def test_a_thought_may_begin_again_at_the_beginning_of_an_answer():
    assert m2("One.</think>\n\n<think>\nTwo.\n</think>\n\nHi.", thinking="open")[:2] == ("One.Two.", "Hi.")
    assert m2("Hi <think>.").content == "Hi <think>."


def test_partial_tags_at_the_end_are_text():
    assert m2("a <minimax:tool_cal").content == "a <minimax:tool_cal"
    assert m2("a </thi", thinking="open").reasoning == "a </thi"
    assert m2("a\n<minimax:tool_call>\n<inv").content == "a\n<minimax:tool_call>\n<inv"


def test_neutralised_text_comes_back_as_it_was():
    """docs/wire/minimax.md §14.4: what the model quotes has a joiner after its first character; the reader gets it
    without.
    """
    assert m2("Use <\u2060think> and [\u2060e~[, a\u2060b.").content == "Use <think> and [e~[, a\u2060b."
    assert m2("a ]\u2060~b]</think>", thinking="open").reasoning == "a ]~b]"
    assert m2(block(("f", {"x": "<\u2060/parameter>"})), [tool(x="string")]).arguments == [{"x": "</parameter>"}]


def test_a_joiner_in_a_piece_of_its_own_is_dropped_too():
    reader = M2Reader("closed")
    assert (
        gather([*reader.feed("a]"), *reader.feed("\u2060"), *reader.feed("~b]"), *reader.finish()]).content == "a]~b]"
    )


def test_text_goes_out_at_once_and_carries_its_place():
    reader = M2Reader("open")
    assert reader.feed("Hm") == [ReasoningDelta(0, "Hm")]
    assert reader.thinking
    assert reader.feed("</think>\n\nHi") == [TextDelta(0, "Hi", 12)]
    assert not reader.thinking
    assert reader.feed(" you") == [TextDelta(0, " you", 14)]
    assert reader.feed("\n") == []
    assert reader.feed("!") == [TextDelta(0, "\n!", 18)]


def test_string_arguments_stream_as_they_are_written():
    """docs/wire/minimax.md §15c: no silence while an argument is written."""
    reader = M2Reader("closed", [tool(x="string")], 2, ids="call-{}".format)
    assert reader.feed('<minimax:tool_call>\n<invoke name="f">') == [ToolCallStarted(2, 0, "call-0", "f")]
    assert reader.feed('\n<parameter name="x">') == [ToolCallDelta(2, 0, '{"x": "')]
    assert reader.feed("one") == [ToolCallDelta(2, 0, "one")]
    assert reader.feed('"\t') == [ToolCallDelta(2, 0, '\\"\\t')]
    assert reader.feed("</para") == []
    assert reader.feed("meter>") == []
    assert reader.feed("\n</invoke>") == [ToolCallDelta(2, 0, '"}')]
    assert reader.calls == 1


def test_ids_are_made_as_minimax_makes_them():
    """docs/wire/minimax.md §4.4: `call_function_`, twelve letters or digits, a count."""
    reader = M2Reader("closed")
    raw = block(("f", {}), ("g", {}))
    ids = [event.id for event in reader.feed(raw) if isinstance(event, ToolCallStarted)]
    stem, count = ids[0].rsplit("_", 1)
    assert stem.startswith("call_function_")
    assert len(stem.removeprefix("call_function_")) == 12
    assert (count, ids[1]) == ("1", f"{stem}_2")


@pytest.mark.parametrize(
    "raw",
    [
        "<" * 9_000,
        "\n" * 9_000,
        "<minimax:tool_call>" * 1_000,
        block(("f", {"x": "1"}))[:-40] + "</parameter>" * 1_500,
        '<minimax:tool_call>\n<invoke name="f">\n<parameter name="x">' + "</parameter>\n" * 1_500,
        '<minimax:tool_call>\n<invoke name="f">\n<parameter name="' + "x" * 9_000,
        '<minimax:tool_call>\n<invoke name="f">\n<parameter name="y">' + "[" * 9_000,
        "[e~" * 1_500,
        "<\u2060" * 4_500,
        "<think>" * 2_000,
    ],
    ids=lambda raw: repr(raw[-24:]),
)
def test_adversarial_output_is_read_in_linear_time(raw: str):
    began = time.process_time()
    for thinking in ("open", "closed"):
        read(M2Reader(thinking, [tool(x="string", y="array")]), raw, (1,))
    assert time.process_time() - began < 1.0
