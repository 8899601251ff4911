"""What a request becomes before it is templated (docs/wire/minimax.md §4.3, §13, §14.5, §17.9-10)."""

from __future__ import annotations

from typing import Any

import pytest

from maxserve.chat import (
    ImagePart,
    InvalidRequest,
    JsonObject,
    JsonSchema,
    Message,
    TextPart,
    Tool,
    ToolChoice,
    Unsupported,
)
from maxserve.families.literals import JOINER
from maxserve.families.normalise import conversation
from tests.families.asking import ask, call, called, result, say


def turns(*messages: Message, **rest: Any) -> list[dict[str, Any]]:
    return conversation(ask(*messages, **rest)).messages


def system(*messages: Message, **rest: Any) -> str:
    (first, *others) = turns(*messages, **rest)
    assert first["role"] == "system"
    assert all(turn["role"] != "system" for turn in others)
    content: str = first["content"]
    return content


def test_several_system_messages_become_the_first():
    """docs/wire/minimax.md §17.10: templates drop all but the first."""
    got = turns(say("system", "One."), say("user", "Hi"), say("developer", "Two."), say("system", "Three."))
    assert got == [{"role": "system", "content": "One.\n\nTwo.\n\nThree."}, {"role": "user", "content": "Hi"}]


def test_a_root_message_is_kept_where_the_template_knows_it():
    """docs/wire/minimax.md §15.4: M3's."""
    request = ask(say("root", "R"), say("system", "S"), say("user", "Hi"))
    assert [turn["role"] for turn in conversation(request, root=True).messages] == ["root", "system", "user"]
    assert conversation(request).messages[0] == {"role": "system", "content": "R\n\nS"}


def test_a_system_message_with_only_a_name():
    """docs/wire/minimax.md §13: S4's and O27's own examples send one."""
    assert system(say("system", name="MiniMax AI"), say("user", "hello", name="user")) == "Your name is MiniMax AI."
    assert turns(say("system"), say("user", "Hi")) == [{"role": "user", "content": "Hi"}]


def test_special_roles_are_folded_into_the_system_text():
    """docs/wire/minimax.md §13: the open templates drop them without a word."""
    text = system(
        say("system", "You are Ann."),
        say("user_system", "a sailor", name="Bob"),
        say("group", "At sea."),
        say("sample_message_user", "Ahoy!"),
        say("sample_message_ai", "Ahoy, Bob!", name="Ann"),
        say("sample_message_user", "Wind?"),
        say("sample_message_ai", "West."),
        say("user", "Hi"),
    )
    assert text == (
        "You are Ann.\n\nThe user's name is Bob.\nAbout the user: a sailor\n\nScene: At sea.\n\n"
        "Example:\nUser: Ahoy!\nAnn: Ahoy, Bob!\n\nExample:\nUser: Wind?\nAssistant: West."
    )


def test_special_roles_with_only_a_name():
    """docs/wire/minimax.md §1.4: they may come without content."""
    text = system(say("user_system", name="Bob"), say("group", name="The sea"), say("user", "Hi"))
    assert text == "The user's name is Bob.\n\nScene: The sea"
    assert system(say("user_system", "I am a sailor.")) == "About the user: I am a sailor."


def test_names_are_shown_only_where_several_occur_for_one_role():
    """docs/wire/minimax.md §13, §4.2."""
    assert turns(say("user", "Hi", name="Bob"))[0]["content"] == "Hi"
    got = turns(say("user", "Hi", name="Bob"), say("assistant", "Yes?", name="Ann"), say("user", "Ho", name="Cid"))
    assert [turn["content"] for turn in got] == ["Bob: Hi", "Yes?", "Cid: Ho"]


def test_parts_are_joined():
    assert turns(say("user", (TextPart("a"), TextPart("b"))))[0]["content"] == "ab"


def test_images_are_refused_by_their_path():
    request = ask(say("user", "Hi"), say("user", (TextPart("a"), ImagePart("https://example.org/x.png"))))
    with pytest.raises(Unsupported) as caught:
        conversation(request)
    assert caught.value.param == "messages[1].content[1]"


@pytest.mark.parametrize(
    ("content", "reasoning", "thought", "text"),
    [
        ("Hello.", "Hm.", "Hm.", "Hello."),
        ("Hello.", "\nHm.\n", "Hm.", "Hello."),
        ("<think>\nHm.\n</think>\n\nHello.", "", "Hm.", "Hello."),
        ("<think>Hm.</think>\nHello.", "", "Hm.", "Hello."),
        ("  <mm:think>Hm.</mm:think>Hello.", "", "Hm.", "Hello."),
        ("Hm.\n</think>\n\nHello.", "", "Hm.", "Hello."),
        ("Hm.</mm:think>Hello.", "", "Hm.", "Hello."),
        ("</mm:think>Hello.", "", None, "Hello."),
        ("<think>\nHm.\n</think>\n\nHello.", "Hm.", "Hm.", "Hello."),
        ("<think>cut off", "", "cut off", ""),
        ("<think></think>Hello.", "", None, "Hello."),
        ("The tag </think> ends it.", "", None, f"The tag <{JOINER}/think> ends it."),
        ("Use <think>x</think>.", "", None, f"Use <{JOINER}think>x<{JOINER}/think>."),
        ("<think>a</think>b<think>c</think>", "", "a", f"b<{JOINER}think>c<{JOINER}/think>"),
        ("Hi", "a [e~[ b", f"a [{JOINER}e~[ b", "Hi"),
    ],
)
def test_thoughts_come_in_every_shape(content: str, reasoning: str, thought: str | None, text: str):
    """docs/wire/minimax.md §4.3: fields, `<think>` in content (also for M3, whose template does not know it), M3's own
    tag.
    """
    turn = turns(say("assistant", content, reasoning=reasoning), say("user", "Go on."))[0]
    assert turn.get("reasoning_content") == thought
    assert turn["content"] == text


def test_arguments_become_objects():
    """docs/wire/minimax.md §14.5: the template wants a mapping."""
    (turn,) = turns(called(call("f", '{"a": [1, "[e~["]}'), call("g", " ")))
    assert [c["function"]["arguments"] for c in turn["tool_calls"]] == [{"a": [1, f"[{JOINER}e~["]}, {}]
    assert turn["tool_calls"][0] | {"function": None} == {"id": "c1", "type": "function", "function": None}


@pytest.mark.parametrize(
    "arguments", ["{", "[1]", '"x"', "null", '{"a": NaN}', '{"a":' * 99 + "1" + "}" * 99, "[" * 9999]
)
def test_arguments_that_are_no_object_are_refused_by_their_path(arguments: str):
    with pytest.raises(InvalidRequest) as caught:
        turns(say("user", "Hi"), called(call("f", "{}"), call("f", arguments)))
    assert caught.value.param == "messages[1].tool_calls[1].function.arguments"


def test_results_are_put_into_the_order_of_the_calls():
    """docs/wire/minimax.md §4.4: the template ignores ids and keeps order only."""
    two = called(call("f", {}, "c1"), call("g", {}, "c2"))
    assert [t["content"] for t in turns(two, result("G", "c2"), result("F", "c1"))[1:]] == ["F", "G"]
    assert [t["content"] for t in turns(two, result("F", None), result("G", ""))[1:]] == ["F", "G"]
    assert [t["content"] for t in turns(two, result("F", None), result("G", "c1"))[1:]] == ["G", "F"]
    assert [t["content"] for t in turns(two, result("G", "c2"))[1:]] == ["", "G"]
    assert [t["content"] for t in turns(two, result("F"), say("system", "x"), result("G", "c2"))[2:]] == ["F", "G"]
    assert [t["content"] for t in turns(two, result("F1"), result("F2"), result("G", "c2"))[1:]] == ["F1\nF2", "G"]


def test_calls_without_any_result_are_left_as_they_are():
    assert [t["role"] for t in turns(called(call("f", {})), say("user", "Never mind."))] == ["assistant", "user"]


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([say("user", "Hi"), result("x")], "messages[1]"),
        ([say("assistant", "Hi"), result("x")], "messages[1]"),
        ([called(call("f", {})), say("user", "Hi"), result("x")], "messages[2]"),
        ([called(call("f", {})), result("x", "c9")], "messages[1].tool_call_id"),
        ([called(call("f", {})), result("x", None), result("y", None)], "messages[2]"),
        ([], "messages"),
    ],
)
def test_orphans_are_refused_by_their_path(messages: list[Message], param: str):
    """docs/wire/minimax.md §14.5: the template would raise; here the caller learns which message is wrong."""
    with pytest.raises(InvalidRequest) as caught:
        turns(*messages)
    assert caught.value.param == param


def test_a_response_format_is_asked_for_in_the_system_text():
    """The very words that the demo models learn."""
    schema = {"type": "object", "properties": {"é": {"type": "string"}}}
    compact = '{"type":"object","properties":{"é":{"type":"string"}}}'
    asked = f"Answer with one JSON object that matches this JSON schema:\n{compact}"
    form = JsonSchema("x", schema)
    assert system(say("user", "Hi"), response_format=form) == f"You are a helpful assistant.\n\n{asked}"
    assert system(say("system", "S."), say("user", "Hi"), response_format=form) == f"S.\n\n{asked}"
    assert system(say("user", "Hi"), response_format=JsonObject()) == (
        "You are a helpful assistant.\n\nAnswer with one JSON object."
    )


def test_tools_are_shown_unless_the_choice_is_none():
    tools = (Tool("f", "Does [e~[", {"type": "object"}), Tool("g"))
    shown = [
        {
            "type": "function",
            "function": {"name": "f", "description": f"Does [{JOINER}e~[", "parameters": {"type": "object"}},
        },
        {"type": "function", "function": {"name": "g", "parameters": {"type": "object", "properties": {}}}},
    ]
    for choice in (ToolChoice(), ToolChoice("required"), ToolChoice("named", "g")):
        assert conversation(ask(say("user", "Hi"), tools=tools, tool_choice=choice)).tools == shown
    assert conversation(ask(say("user", "Hi"), tools=tools, tool_choice=ToolChoice("none"))).tools is None
    assert conversation(ask(say("user", "Hi"))).tools is None


def test_a_last_assistant_message_is_to_be_continued():
    told = conversation(ask(say("user", "Hi"), say("assistant", "Hel")))
    assert told.messages == [{"role": "user", "content": "Hi"}]
    assert told.prefill == {"role": "assistant", "content": "Hel"}
    assert conversation(ask(say("user", "Hi"), say("assistant", ""))).prefill is None
    assert conversation(ask(say("user", "Hi"), called(call("f", {})))).prefill is None


def test_system_only_is_enough():
    assert turns(say("system", "S.")) == [{"role": "system", "content": "S."}]
