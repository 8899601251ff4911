"""Prompts, character by character (docs/wire/minimax.md §14.5, §15.4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.chat import InternalError, InvalidRequest, Message, Tool
from maxserve.families import Prompt, family
from maxserve.families.template import own
from tests.families.asking import ask, call, called, result, say
from tests.families.reading import N, read, tool
from tests.families.test_literals import HOSTILE, LITERALS, present

M2, M3 = family("m2"), family("m3")
WEATHER = Tool("get_weather", "Weather in a city.", {"type": "object", "properties": {"city": {"type": "string"}}})
SHOWN = (
    '<tool>{"name": "get_weather", "description": "Weather in a city.", '
    '"parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}</tool>'
)


def test_families_are_made_once():
    assert family("m2") is M2
    with pytest.raises(KeyError):
        family("m4")


def test_m2_short_chat():
    got = M2.render(ask(say("system", "Be kind."), say("user", "Hi")), None)
    assert got == Prompt("]~!b[]~b]system\nBe kind.[e~[\n]~b]user\nHi[e~[\n]~b]ai\n<think>\n", "open")


def test_m2_identity():
    """docs/wire/minimax.md §14.5: the default system text names the model; `model_identity` replaces it."""
    request = ask(say("user", "Hi"))
    assert "Your name is MiniMax-M2.7" in M2.render(request, None).text
    assert "system\nYou are M2.5.[e~[" in M2.render(request, None, identity="You are M2.5.").text


def test_m2_tool_loop_keeps_its_thoughts():
    """docs/wire/minimax.md §14.5: thoughts after the last user message stay; tools merge into one turn; three breaks
    before a bare block.
    """
    request = ask(
        say("user", "Hi"),
        say("assistant", "Yes?", reasoning="old"),
        say("user", "Weather in Rom and Oslo?"),
        called(
            call("get_weather", {"city": "Rom"}), call("get_weather", {"city": "Oslo", "n": 2}, "c2"), reasoning="new"
        ),
        result("cold", "c2"),
        result("hot"),
        tools=(WEATHER,),
    )
    text = M2.render(request, None).text
    assert f"<tools>\n{SHOWN}\n</tools>" in text
    assert text.endswith(
        "]~b]user\nHi[e~[\n]~b]ai\nYes?[e~[\n]~b]user\nWeather in Rom and Oslo?[e~[\n"
        "]~b]ai\n<think>\nnew\n</think>\n\n\n<minimax:tool_call>\n"
        '<invoke name="get_weather">\n<parameter name="city">Rom</parameter>\n</invoke>\n'
        '<invoke name="get_weather">\n<parameter name="city">Oslo</parameter>\n<parameter name="n">2</parameter>\n'
        "</invoke>\n</minimax:tool_call>[e~[\n"
        "]~b]tool\n<response>hot</response>\n<response>cold</response>[e~[\n]~b]ai\n<think>\n"
    )


def test_m3_short_chat_in_every_mode():
    """docs/wire/minimax.md §15.4, §15.6: the mode is told, and opens or closes the thought."""
    for asked, mode, end, state in (
        (None, "adaptive", "", "free"),
        ("adaptive", "adaptive", "", "free"),
        ("enabled", "enabled", "<mm:think>", "open"),
        ("disabled", "disabled", "</mm:think>", "closed"),
    ):
        got = M3.render(ask(say("root", "R."), say("system", "S."), say("user", "Hi"), thinking=asked), None)
        assert got.thinking == state
        assert got.text.startswith("]~!b[]~b]system\nR.\n\n<thinking_instructions>\n")
        assert f"Current thinking mode: {mode}\n" in got.text
        assert got.text.endswith(f"[e~[\n]~b]developer\nS.[e~[\n]~b]user\nHi[e~[\n]~b]ai\n{end}")


def test_m3_history_keeps_every_thought():
    """docs/wire/minimax.md §15.4: bare end tag without one; API-style `<think>` is converted; null members are left
    out.
    """
    arguments = {"a": {"b": [1, {"c": None}], "d": True}, "e": None}
    request = ask(
        say("user", "Hi"),
        say("assistant", "<think>\nHm.\n</think>\nYes?"),
        say("user", "Go"),
        called(call("f", arguments)),
        result("ok"),
    )
    assert M3.render(request, None).text.endswith(
        f"]~b]ai\n<mm:think>Hm.</mm:think>Yes?[e~[\n]~b]user\nGo[e~[\n]~b]ai\n</mm:think>{N}<tool_call>\n"
        f'{N}<invoke name="f">{N}<a>{N}<b>{N}<item>1{N}</item>{N}<item>{N}</item>{N}</b>{N}<d>true{N}</d>{N}</a>'
        f"{N}</invoke>\n{N}</tool_call>[e~[\n]~b]tool\n<response>ok</response>[e~[\n]~b]ai\n"
    )


@pytest.mark.parametrize(
    ("name", "thinking", "message", "end", "state"),
    [
        ("m2", None, say("assistant", "Hel"), "]~b]ai\n<think>\n</think>\n\nHel", "closed"),
        ("m2", None, say("assistant", "Hel", reasoning="Hm."), "]~b]ai\n<think>\nHm.\n</think>\n\nHel", "closed"),
        ("m2", None, say("assistant", "", reasoning="Hm"), "]~b]ai\n<think>\nHm", "open"),
        ("m3", None, say("assistant", "Hel"), "]~b]ai\n</mm:think>Hel", "closed"),
        ("m3", None, say("assistant", "Hel", reasoning="Hm."), "]~b]ai\n<mm:think>Hm.</mm:think>Hel", "closed"),
        ("m3", None, say("assistant", "", reasoning="Hm"), "]~b]ai\n<mm:think>Hm", "open"),
        ("m3", "enabled", say("assistant", "Hel", reasoning="Hm."), "]~b]ai\n<mm:think>Hm.</mm:think>Hel", "closed"),
        ("m3", "disabled", say("assistant", "Hel", reasoning="Hm."), "]~b]ai\n</mm:think>Hel", "closed"),
        ("m3", "disabled", say("assistant", "", reasoning="Hm."), "]~b]ai\n</mm:think>", "closed"),
    ],
)
def test_a_last_assistant_message_is_continued(name: str, thinking: Any, message: Message, end: str, state: str):
    got = family(name).render(ask(say("user", "Hi"), message, thinking=thinking), None)
    assert got.text.endswith(end)
    assert got.thinking == state


def test_a_continued_answer_keeps_its_leading_line_break():
    """Only right after a thought's end tag are line breaks formatting."""
    prompt = M2.render(ask(say("user", "Hi"), say("assistant", "One")), None)
    assert read(M2.parser(prompt, ()), "\nTwo").content == "\nTwo"
    assert read(M2.parser(M2.resume(Prompt("<think>\n", "open"), "x"), ()), "\nTwo").content == "Two"


@pytest.mark.parametrize(
    ("name", "prompt", "thought", "text"),
    [
        ("m2", Prompt("A<think>\n", "open"), "Hm.\n", "A<think>\nHm.\n</think>\n\n"),
        ("m2", Prompt("A<think>\n", "open"), "", "A<think>\n</think>\n\n"),
        ("m2", Prompt("A", "free"), "<think>\nHm.", "A<think>\nHm.\n</think>\n\n"),
        ("m2", Prompt("A", "free"), "Hello", "A</think>\n\n"),
        ("m3", Prompt("A", "free"), "<mm:think>Hm.", "A<mm:think>Hm.</mm:think>"),
        ("m3", Prompt("A", "free"), "<", "A</mm:think>"),
        ("m3", Prompt("A<mm:think>", "open"), "Hm.\n", "A<mm:think>Hm.\n</mm:think>"),
        ("m3", Prompt("A</mm:think>", "closed"), "", "A</mm:think>"),
    ],
)
def test_a_prompt_is_resumed_after_its_thought(name: str, prompt: Prompt, thought: str, text: str):
    assert family(name).resume(prompt, thought) == Prompt(text, "closed")


def test_thought_ends_are_stops():
    assert M2.think_stops == ("</think>", "<minimax:tool_call>")
    assert M3.think_stops == ("</mm:think>", f"{N}<tool_call>")


def test_the_mode_in_force():
    """docs/wire/minimax.md §15.6: M2 accepts and ignores it; M3 is adaptive where nothing is said."""
    assert [M2.thinking(ask(thinking=mode)) for mode in (None, "disabled", "adaptive")] == ["enabled"] * 3
    assert [M3.thinking(ask(thinking=mode)) for mode in (None, "disabled", "enabled")] == [
        "adaptive",
        "disabled",
        "enabled",
    ]


CHECKPOINT = """
{%- for message in messages %}
{%- if message.role == 'evil' %}{% break %}{% endif %}
{%- generation %}[{{ message.role }}] {{ message.content }}
{% endgeneration %}
{%- endfor %}
{{- tools | tojson(indent=1, separators=(',', ':'), sort_keys=true) if tools }}
{{- strftime_now('%Y')[:2] }}
{%- if messages[0].content == 'no' %}{{ raise_exception('I do not want to') }}{% endif %}
{%- if add_generation_prompt %}[assistant] <think>{% endif %}"""


def test_a_checkpoint_s_own_template_decides():
    got = M3.render(ask(say("user", "Hi"), tools=(Tool("f"),)), CHECKPOINT)
    assert got.text.startswith('[user] Hi\n[\n {\n  "function":{\n   "name":"f",')
    assert got.text.endswith("20[assistant] <think>")
    assert got.thinking == "free"
    assert M2.render(ask(say("user", "Hi")), CHECKPOINT).thinking == "open"


def test_a_template_may_refuse():
    with pytest.raises(InvalidRequest, match="I do not want to") as caught:
        M2.render(ask(say("user", "no")), CHECKPOINT)
    assert caught.value.param == "messages"


@pytest.mark.parametrize(
    "template", ["{{ messages[3].content.x }}", "{{ 1 / 0 }}", "{{ messages.append(1) }}", "{{ ''.__class__.mro() }}"]
)
def test_a_template_that_fails_or_breaks_out_is_an_error(template: str):
    with pytest.raises(InvalidRequest):
        M2.render(ask(say("user", "Hi")), template)


def test_what_is_no_template_is_our_fault():
    with pytest.raises(InternalError):
        M2.render(ask(say("user", "Hi")), "{% if %}")


def test_an_argument_called_like_a_method_of_dictionaries():
    request = ask(called(call("f", {"items": "a", "keys": "b"})), result("ok"))
    assert (
        '<parameter name="items">a</parameter>\n<parameter name="keys">b</parameter>' in M2.render(request, None).text
    )
    assert f"{N}<items>a{N}</items>{N}<keys>b{N}</keys>" in M3.render(request, None).text


MARKS = [literal for literal in LITERALS if literal.startswith(("]", "["))]


@given(st.lists(HOSTILE, min_size=9, max_size=9))
def test_nobody_can_forge_a_turn(texts: list[str]):
    """Hostile text in every field adds no control literal to what the same request with harmless text has."""

    def control(fields: list[str], name: str) -> list[str]:
        a, b, c, d, e, f, g, h, i = fields
        request = ask(
            say("system", a or "s"),
            say("user", b, name="n" + c),
            say("user", b, name="m" + c),
            say("assistant", "x" + d, reasoning="r" + e),
            called(call("t" + f, {"k" + g: h or "v", "l": [h]}), content="y" + d, reasoning="r" + e),
            result(i),
            say("user", "z" + b),
            tools=(Tool("t" + f, a, {"type": "object", "properties": {"k" + g: {"description": h}}}),),
        )
        return [literal for _, literal in sorted(present(family(name).render(request, None).text))]

    for name in ("m2", "m3"):
        assert control(texts, name) == control([""] * 9, name)


WORDS = st.text(st.sampled_from("ab <>[]~!\n\"'\\é🙂/{}=:"), max_size=12)
NAMES = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)


def values(depth: int = 2) -> st.SearchStrategy[tuple[dict[str, Any], Any]]:
    """A schema and a value of it, as templates can write and parsers must read back."""
    scalar = st.one_of(
        st.tuples(st.just({"type": "string"}), WORDS),
        st.tuples(st.just({"type": "integer"}), st.integers(-(10**20), 10**20)),
        st.tuples(st.just({"type": "number"}), st.floats(-1e6, 1e6)),
        st.tuples(st.just({"type": "boolean"}), st.booleans()),
    )
    if not depth:
        return scalar
    inner = values(depth - 1)
    listed = inner.flatmap(lambda pair: st.tuples(st.just({"type": "array", "items": pair[0]}), st.just([pair[1]] * 2)))
    objects = st.dictionaries(NAMES, inner, max_size=3).map(
        lambda members: (
            {"type": "object", "properties": {name: schema for name, (schema, _) in members.items()}},
            {name: value for name, (_, value) in members.items()},
        )
    )
    return scalar | listed | objects


@given(
    st.sampled_from(["m2", "m3"]),
    WORDS.map(lambda text: text.strip("\n")),
    WORDS.map(str.strip),
    st.lists(st.dictionaries(NAMES, values(), max_size=3), max_size=2),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_what_is_rendered_is_read_back(
    name: str, reasoning: str, content: str, made: list[dict[str, Any]], sizes: list[int]
):
    """An assistant's turn, written by the template, gives the same thought, text and calls when it is parsed."""
    lines = family(name)
    tools = [
        tool(f"tool-{i}", **{key: schema for key, (schema, _) in members.items()}) for i, members in enumerate(made)
    ]
    asked = ask(say("user", "Hi"), thinking="enabled", tools=tuple(tools))
    prompt = lines.render(asked, None)
    arguments = [{key: value for key, (_, value) in members.items()} for members in made]
    turn = called(
        *(call(f"tool-{i}", given, f"c{i}") for i, given in enumerate(arguments)),
        content=content,
        reasoning="r" + reasoning,
    )
    after = [result("ok", f"c{i}") for i in range(len(made))] or [say("tool")]
    if not made:
        return
    full = lines.render(ask(say("user", "Hi"), turn, *after, thinking="enabled", tools=tuple(tools)), None).text
    assert full.startswith(prompt.text)
    raw = re.split(r"\[e~\[\n\]~b\]tool", full[len(prompt.text) :])[0]
    got = read(lines.parser(prompt, tools), raw, sizes)
    assert got.reasoning == "r" + reasoning
    assert got.content == content
    assert [called_name for called_name, _ in got.calls] == [f"tool-{i}" for i in range(len(made))]
    assert got.arguments == arguments


def test_short_chats_are_written_fast():
    """Rendering is on every request's way: 100 µs of CPU is the bar, 20-35 is usual."""
    import time

    for lines in (M2, M3):
        request = ask(say("system", "Be kind."), say("user", "Hi"))
        lines.render(request, None)
        began = time.process_time()
        for _ in range(200):
            lines.render(request, None)
        assert (time.process_time() - began) / 200 < 300e-6


def test_the_package_s_templates_are_there():
    assert own("m2").startswith("{#-")
    assert own("m3").startswith("{#-")
