"""What a Messages body means, and what is said about a wrong one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.anthropic import MessagesAdapter, ParsedMessages, Signer
from maxserve.chat import (
    ImagePart,
    InvalidRequest,
    JsonSchema,
    Message,
    RequestError,
    TextFormat,
    TextPart,
    ToolCall,
    ToolChoice,
    Unsupported,
)

SECRET = b"a secret of this server"
ARRIVAL = RequestContext("0" * 24, 0, key="abc")
DOOR = MessagesAdapter(SECRET)
SIGNER = Signer(SECRET)
USER = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [{"name": "get_weather", "description": "d", "input_schema": SCHEMA}, {"name": "now", "input_schema": {}}]


def read(**fields: Any) -> ParsedMessages:
    return DOOR.read(json.dumps({"model": "MiniMax-M2.7", "messages": USER, **fields}).encode(), ARRIVAL)


def turns(*messages: dict[str, Any], **fields: Any) -> tuple[Message, ...]:
    return read(messages=list(messages), **fields).request.messages


def user(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    return {"role": "user", "content": _blocks(blocks)}


def assistant(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    return {"role": "assistant", "content": _blocks(blocks)}


def _blocks(blocks: tuple[dict[str, Any] | str, ...]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]


def use(id: str, name: str = "get_weather", **input: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def result(id: str, content: Any = None, **fields: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": content, **fields}


def thought(text: str, signature: str | None = None) -> dict[str, Any]:
    return {"type": "thinking", "thinking": text, "signature": SIGNER.sign(text) if signature is None else signature}


def test_the_least_request() -> None:
    asked = read()
    request = asked.request
    assert (request.model, request.n, request.max_tokens, request.stop) == ("MiniMax-M2.7", 1, None, ())
    assert request.messages == (Message("user", "hi"),)
    assert request.tool_choice == ToolChoice("none")
    assert request.response_format == TextFormat()
    assert (request.thinking, request.mask, request.key) == ("disabled", None, "abc")
    assert (asked.stream, asked.shown) == (False, True)


def test_everything_at_once() -> None:
    asked = read(
        max_tokens=99, temperature=0.5, top_p=0.9, top_k=7, stop_sequences=["a", "b", "c", "d", "e", "f"], stream=True,
        metadata={"user_id": "u1"}, service_tier="auto", tools=TOOLS, thinking={"type": "adaptive"},
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )  # fmt: skip
    request = asked.request
    assert asked.stream
    assert (request.max_tokens, request.stop, request.user) == (99, ("a", "b", "c", "d", "e", "f"), "u1")
    assert (request.sampling.temperature, request.sampling.top_p, request.sampling.top_k) == (0.5, 0.9, 7)
    assert [(tool.name, tool.description, tool.parameters) for tool in request.tools] == [
        ("get_weather", "d", SCHEMA),
        ("now", None, {}),
    ]
    assert (request.thinking, request.parallel_tool_calls) == ("adaptive", False)


@pytest.mark.parametrize(
    "system",
    ["One.\nTwo.", [{"type": "text", "text": "One.", "cache_control": {"type": "ephemeral"}}, *_blocks(("Two.",))]],
)
def test_system_text_comes_first(system: Any) -> None:
    assert turns(*USER, system=system) == (Message("system", "One.\nTwo."), Message("user", "hi"))


def test_texts_of_one_turn_are_joined_where_no_white_space_parts_them() -> None:
    assert turns(user("a", "b ", "c"), user("\nd"))[0].content == "a\nb c\nd"


def test_consecutive_messages_of_a_role_are_one_turn() -> None:
    read = turns(user("a"), user("b"), assistant("c"), assistant("d", use("t1")), user(result("t1", "r")), user("e"))
    assert read == (
        Message("user", "a\nb"),
        Message("assistant", "cd", tool_calls=(ToolCall("t1", "get_weather", "{}"),)),
        Message("tool", "r", tool_call_id="t1"),
        Message("user", "e"),
    )


def test_special_roles_and_names() -> None:
    read = turns(
        {"role": "user_system", "name": "Ann"},
        {"role": "group", "content": "A boat."},
        {"role": "sample_message_user", "content": [{"type": "text", "text": "x"}]},
        {"role": "sample_message_ai", "content": "y"},
        {"role": "system", "content": "z"},
        {"role": "user", "name": "Ann", "content": "hi"},
        {"role": "user", "name": "Bob", "content": "ho"},
    )
    assert [(message.role, message.name, message.content) for message in read] == [
        ("user_system", "Ann", ""),
        ("group", None, "A boat."),
        ("sample_message_user", None, "x"),
        ("sample_message_ai", None, "y"),
        ("system", None, "z"),
        ("user", "Ann", "hi"),
        ("user", "Bob", "ho"),
    ]


def test_system_text_in_the_middle_of_a_turn() -> None:
    block = {"type": "mid_conv_system", "content": [{"type": "text", "text": "Be brief."}]}
    assert turns(user("hi", block)) == (Message("system", "Be brief."), Message("user", "hi"))
    call = use("t1")
    assert [m.role for m in turns(*USER, assistant(call), user(result("t1"), block))][-2:] == ["tool", "system"]


def test_images() -> None:
    base64 = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
    url = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    assert turns(user("see", base64, url))[0].content == (
        TextPart("see"),
        ImagePart("data:image/png;base64,iVBO"),
        ImagePart("https://example.com/a.png"),
    )


def test_a_tool_loop_with_signed_thoughts() -> None:
    read = turns(
        *USER,
        assistant(thought("first"), "Let me look.", use("t1", city="Oslo"), thought("second"), use("t2", city="Bern")),
        user("By the way:", result("t2", [{"type": "text", "text": "9"}]), result("t1", "4"), "go on"),
    )
    assert read[1] == Message(
        "assistant",
        "Let me look.",
        reasoning="first\n\nsecond",
        tool_calls=(ToolCall("t1", "get_weather", '{"city":"Oslo"}'), ToolCall("t2", "get_weather", '{"city":"Bern"}')),
    )
    assert read[2:] == (
        Message("tool", "9", tool_call_id="t2"),
        Message("tool", "4", tool_call_id="t1"),
        Message("user", "By the way:\ngo on"),
    )


@pytest.mark.parametrize(
    "block",
    [
        thought("x", ""),
        thought("x", "0" * 64),
        thought("x", Signer(b"another server").sign("x")),
        thought("x", SIGNER.sign("y")),
        thought("x", "ErUBCkYIBRgCIkD-not-ours"),
        thought("", Signer(b"another server").carry("x")),
        thought("", SIGNER.carry("x")[:-4] + "AAAA"),
        thought("", "é.é"),
        {"type": "thinking", "thinking": "x"},
        {"type": "redacted_thinking", "data": "abc"},
    ],
)
def test_a_thought_that_is_not_ours_is_dropped(block: dict[str, Any]) -> None:
    assert turns(*USER, assistant(block, "so"), *USER)[1] == Message("assistant", "so")


def test_a_thought_that_was_not_shown_comes_back_in_its_signature() -> None:
    block = thought("", SIGNER.carry("hidden ü"))
    assert turns(*USER, assistant(block, "so"), *USER)[1].reasoning == "hidden ü"


@pytest.mark.parametrize(
    ("content", "said"),
    [("no such city", "Error: no such city"), ("Error 404", "Error 404"), (None, "Error: ")],
)
def test_a_failed_tool_says_so(content: Any, said: str) -> None:
    read = turns(*USER, assistant(use("t1")), user(result("t1", content, is_error=True)))
    assert read[-1] == Message("tool", said, tool_call_id="t1")


def test_a_begun_answer_comes_last() -> None:
    assert turns(*USER, assistant("The best answer is ("))[-1] == Message("assistant", "The best answer is (")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice("auto")),
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "now"}, ToolChoice("named", "now")),
    ],
)
def test_tool_choice(choice: Any, expected: ToolChoice) -> None:
    assert read(tools=TOOLS, tool_choice=choice).request.tool_choice == expected


@pytest.mark.parametrize(
    ("thinking", "mode"),
    [
        (None, "disabled"),
        ({"type": "disabled"}, "disabled"),
        ({"type": "adaptive"}, "adaptive"),
        ({"type": "enabled", "budget_tokens": 2048}, "enabled"),
        ({"type": "between_tools"}, "disabled"),
    ],
)
def test_thinking(thinking: Any, mode: str) -> None:
    assert read(thinking=thinking).request.thinking == mode


def test_a_thought_may_have_a_budget() -> None:
    assert read(thinking={"type": "enabled", "budget_tokens": 1024}).request.thinking_budget == 1024
    with pytest.raises(InvalidRequest, match="at least 1"):
        read(thinking={"type": "enabled", "budget_tokens": 0})


def test_omitted_thoughts() -> None:
    assert not read(thinking={"type": "adaptive", "display": "omitted"}).shown
    assert read(thinking={"type": "adaptive", "display": "summarized"}).shown


@pytest.mark.parametrize("place", ["output_config", "output_format"])
def test_structured_output(place: str) -> None:
    form = {"type": "json_schema", "schema": SCHEMA}
    fields = {place: {"format": form} if place == "output_config" else form}
    assert read(**fields).request.response_format == JsonSchema("output", SCHEMA)


def test_nulls_mean_absent() -> None:
    names = ["system", "max_tokens", "temperature", "stop_sequences", "tools", "tool_choice", "thinking", "metadata"]
    assert read(**dict.fromkeys([*names, "stream", "output_config", "top_k"])) == read()


def test_unknown_and_labelling_fields_are_tolerated() -> None:
    tolerated = {"mcp_servers": [], "context_management": {"edits": []}, "container": "c", "cache_control": {}}
    assert read(**tolerated, service_tier="standard_only", output_config={"effort": "low"}, surprise=1) == read()


@pytest.mark.parametrize(
    ("fields", "param", "said"),
    [
        ({"temperature": 2.5}, "temperature", "from 0 to 2"),
        ({"top_p": "x"}, "top_p", "must be a number or null"),
        ({"top_k": -1}, "top_k", "at least 0"),
        ({"max_tokens": 0}, "max_tokens", "at least 1"),
        ({"stop_sequences": "x"}, "stop_sequences", "must be an array or null, not a string"),
        ({"stop_sequences": [""]}, "stop_sequences", "must not be empty"),
        ({"stop_sequences": ["x"] * 8192}, "stop_sequences", "up to 8,191"),
        ({"messages": []}, "messages", "at least one"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role", "must be one of user, assistant"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "is required"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "a string or an array"),
        (
            {"messages": [*USER, user("x", {"type": "document", "source": {}})]},
            "messages[1].content[1].type",
            "tool_use, tool_result or mid_conv_system, not 'document'",
        ),
        (
            {"messages": [user({"type": "image", "source": {"type": "file", "file_id": "f"}})]},
            "messages[0].content[0].source.type",
            "must be base64 or url, not 'file'",
        ),
        (
            {"messages": [*USER, assistant(use("t")), user(result("t", [{"type": "search_result"}]))]},
            "messages[2].content[0].content[0].type",
            "must be text or image, not 'search_result'",
        ),
        ({"messages": [user({"text": "x"})]}, "messages[0].content[0].type", "is required"),
        ({"messages": [user(result("t9"))]}, "messages[0].content[0].tool_use_id", "'t9'"),
        (
            {"messages": [*USER, assistant(use("t")), *USER, assistant("x"), user(result("t"))]},
            "messages[4].content[0].tool_use_id",
            "no tool_use with that id",
        ),
        ({"messages": [*USER, assistant(use("t"), use("t"))]}, "messages[1].content[1].id", "earlier call"),
        ({"system": [{"type": "image"}]}, "system[0].type", "must be text, not 'image'"),
        ({"tools": [{"name": "x"}]}, "tools[0].input_schema", "is required"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name", "is required"),
        ({"tools": [{"name": "a b", "input_schema": {}}]}, "tools[0].name", "1 to 128 letters"),
        ({"tools": [TOOLS[0], TOOLS[0]]}, "tools[1].name", "Two tools"),
        ({"tool_choice": {"type": "any"}}, "tool_choice", "needs tools"),
        ({"tools": TOOLS, "tool_choice": {"type": "required"}}, "tool_choice.type", "auto, any, tool or none"),
        ({"tools": TOOLS, "tool_choice": {"type": "tool"}}, "tool_choice.name", "is required"),
        ({"tools": TOOLS, "tool_choice": {"type": "tool", "name": "x"}}, "tool_choice.name", "not among the tools"),
        ({"thinking": {"type": "sometimes"}}, "thinking.type", "enabled, disabled, adaptive"),
        ({"thinking": {"type": "adaptive", "display": "x"}}, "thinking.display", "summarized or omitted"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type", "must be json_schema"),
        ({"output_format": {"type": "json_schema"}}, "output_format.schema", "is required"),
        ({"model": ""}, "model", "must not be empty"),
    ],
)
def test_wrong_fields_are_named(fields: dict[str, Any], param: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    assert caught.value.param == param
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {"name": "x"}}]}, "tools[0].type"),
        ({"thread": {"type": "create"}}, "thread"),
        ({"messages": [user(use("t"))]}, "messages[0].content[0].type"),
        ({"messages": [*USER, assistant(result("t"))]}, "messages[1].content[0].type"),
        ({"messages": [{"role": "system", "content": [thought("x")]}]}, "messages[0].content[0].type"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read(**fields)
    assert caught.value.param == param
    assert param in caught.value.message


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"model": "x"}', b'{"model":"x","messages":{}}']
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        DOOR.read(body, ARRIVAL)
    assert caught.value.message.endswith(".")
