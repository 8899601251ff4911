"""What a Responses body means, and what is said about a wrong one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.responses import ParsedResponses, ResponsesAdapter, Sealer
from maxserve.chat import (
    ContextOverflow,
    ImagePart,
    InvalidRequest,
    JsonObject,
    JsonSchema,
    Message,
    RequestError,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
    Unsupported,
)

ARRIVAL = RequestContext("0" * 24, 0)
SEALER = Sealer(b"secret")
DOOR = ResponsesAdapter(SEALER)
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "name": "get_weather", "description": "w", "parameters": PARAMETERS, "strict": True}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
}


def read(**fields: Any) -> ParsedResponses:
    return DOOR.read(json.dumps({"model": "minimax/m2.7", "input": "hi", **fields}).encode(), ARRIVAL)


def messages(*items: Any, **fields: Any) -> tuple[Message, ...]:
    return read(input=items, **fields).request.messages


def user(text: str = "hi") -> dict[str, Any]:
    return {"role": "user", "content": text}


def part(kind: str, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": kind, **fields}]}


IMAGE = part("input_image", image_url="data:image/png;base64,")


def called(call_id: str, name: str = "get_weather", arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def output(call_id: str, text: Any) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def thought(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "reasoning_text", "text": text}]
    return {"type": "reasoning", "id": "rs_1", "summary": [], "content": content, **fields}


def test_the_least_request() -> None:
    asked = read()
    request = asked.request
    assert request.messages == (Message("user", "hi"),)
    assert (request.model, request.max_tokens, request.n, request.logprobs) == ("minimax/m2.7", None, 1, None)
    assert (request.tools, request.tool_choice, request.parallel_tool_calls) == ((), ToolChoice("none"), True)
    assert request.thinking == "disabled"
    assert not asked.stream


def test_instructions_come_first() -> None:
    found = messages({"role": "developer", "content": "Be kind."}, user(), instructions="Be brief.")
    assert [(message.role, message.content) for message in found] == [
        ("system", "Be brief."), ("developer", "Be kind."), ("user", "hi"),
    ]  # fmt: skip


def test_content_in_every_shape() -> None:
    picture = {"type": "input_image", "image_url": "data:image/png;base64,", "detail": "low"}
    found = messages(
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}, picture]},
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "b", "annotations": [], "logprobs": []},
                {"type": "refusal", "refusal": "c"},
            ],
        },
        {"role": "system", "name": "MiniMax AI", "content": None},
        {"role": "user_system", "name": "Ann", "content": "a sailor"},
        user("d"),
    )
    assert found[0].content == (TextPart("a"), ImagePart("data:image/png;base64,", "low"))
    assert found[1] == Message("assistant", "bc")
    assert found[2] == Message("system", "", "MiniMax AI")
    assert found[3] == Message("user_system", "a sailor", "Ann")
    assert found[4].content == "d"


def test_a_turn_of_many_items_is_one_message() -> None:
    found = messages(
        user(),
        thought("Two cities."),
        {"role": "assistant", "content": "I look."},
        called("c1", arguments='{"city":"Oslo"}'),
        called("c2", arguments='{"city":"Rome"}'),
        output("c1", "4"),
        output("c2", [{"type": "input_text", "text": "1"}, {"type": "input_text", "text": "7"}]),
        thought("Now I know."),
        {"role": "assistant", "content": "4 and 17."},
        user("Thanks"),
    )
    turn = Message(
        "assistant",
        "I look.",
        reasoning="Two cities.",
        tool_calls=(
            ToolCall("c1", "get_weather", '{"city":"Oslo"}'),
            ToolCall("c2", "get_weather", '{"city":"Rome"}'),
        ),
    )
    assert found == (
        Message("user", "hi"),
        turn,
        Message("tool", "4", tool_call_id="c1"),
        Message("tool", (TextPart("1"), TextPart("7")), tool_call_id="c2"),
        Message("assistant", "4 and 17.", reasoning="Now I know."),
        Message("user", "Thanks"),
    )


def test_calls_after_their_outputs_are_a_new_turn() -> None:
    found = messages(user(), called("c1"), output("c1", "1"), called("c2"), output("c2", "2"))
    assert [(message.role, len(message.tool_calls)) for message in found[1:]] == [
        ("assistant", 1), ("tool", 0), ("assistant", 1), ("tool", 0),
    ]  # fmt: skip


def test_outputs_follow_their_calls_wherever_they_stand() -> None:
    found = messages(user(), called("c1"), called("c2"), user("stop"), output("c2", "2"), output("c1", "1"))
    assert [message.role for message in found] == ["user", "assistant", "tool", "tool", "user"]
    assert [message.content for message in found[2:4]] == ["2", "1"]
    assert messages(user(), called("c1"), {"type": "function_call_output", "output": "x"})[2].tool_call_id is None


def test_text_around_calls_of_one_turn_stays_with_them() -> None:
    blank = {"role": "assistant", "content": "\n"}
    words = {"role": "assistant", "content": "b"}
    found = messages(user(), {"role": "assistant", "content": "a"}, called("c1"), blank, words, output("c1", "1"))
    assert [(message.role, message.content) for message in found] == [
        ("user", "hi"), ("assistant", "a\n\nb"), ("tool", "1"),
    ]  # fmt: skip


def test_messages_of_the_assistant_without_calls_stay_apart() -> None:
    found = messages(user(), {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}, user())
    assert [message.content for message in found] == ["hi", "a", "b", "hi"]


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        (thought("mine"), "mine"),
        ({"type": "reasoning", "summary": [{"type": "summary_text", "text": "short"}]}, "short"),
        ({"type": "reasoning", "summary": [], "encrypted_content": SEALER.seal("séaled")}, "séaled"),
        (thought("open", encrypted_content="gAAAA"), "open"),
        ({"type": "reasoning", "summary": [], "encrypted_content": "gAAAA"}, ""),
        ({"type": "reasoning", "summary": [], "encrypted_content": Sealer(b"other").seal("forged")}, ""),
        ({"type": "reasoning", "summary": [], "encrypted_content": SEALER.seal("x")[:-8]}, ""),
        ({"type": "reasoning", "summary": [], "encrypted_content": "maxserve-1.ü"}, ""),
        ({"type": "reasoning", "summary": [{"text": "s"}], "encrypted_content": "gAAAA"}, ""),
        ({"type": "reasoning", "summary": "of another shape"}, ""),
        ({"type": "reasoning", "id": "rs_2", "summary": []}, ""),
    ],
)
def test_thoughts_come_back(item: dict[str, Any], kept: str) -> None:
    found = messages(user(), item, called("c1"), output("c1", "1"))
    assert found[1].reasoning == kept
    assert len(found) == 3


def test_a_thought_alone_is_kept_only_to_go_on_from() -> None:
    assert [message.role for message in messages(user(), thought("t"), user("b"))] == ["user", "user"]
    assert messages(user(), thought("t"))[-1] == Message("assistant", reasoning="t")


def test_records_of_other_tools_are_left_out() -> None:
    found = messages(
        user(),
        thought("t"),
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}},
        {"type": "mcp_list_tools", "id": "m", "server_label": "x", "tools": []},
        {"type": "something_new_call", "payload": {"content": 1}},
        {"role": "assistant", "content": "a"},
        user("b"),
    )
    assert [message.content for message in found] == ["hi", "a", "b"]
    assert found[1].reasoning == "t"


def test_custom_and_local_calls_are_shown_as_calls() -> None:
    found = messages(
        user(),
        {"type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": 'a "b"\n'},
        {"type": "custom_tool_call_output", "call_id": "c1", "output": "Done!"},
        {"type": "local_shell_call", "id": "l", "call_id": "c2", "action": {"type": "exec", "command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "c2", "output": "a.txt"},
        {"type": "shell_call", "call_id": "c3", "action": {"commands": ["ls"]}},
        {"type": "shell_call_output", "call_id": "c3", "output": [{"stdout": "x", "stderr": ""}]},
        {**called("c4", "read"), "namespace": "files"},
        output("c4", "y"),
    )
    calls = [message.tool_calls[0] for message in found if message.tool_calls]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        ("apply_patch", {"input": 'a "b"\n'}),
        ("local_shell", {"type": "exec", "command": ["ls"]}),
        ("shell", {"commands": ["ls"]}),
        ("files.read", {}),
    ]
    assert [message.content for message in found if message.role == "tool"] == [
        "Done!", "a.txt", '[{"stdout":"x","stderr":""}]', "y",
    ]  # fmt: skip


def test_tools_of_every_kind() -> None:
    space = {"type": "namespace", "name": "files", "description": "d", "tools": [{"type": "function", "name": "read"}]}
    hosted = [{"type": "web_search"}, {"type": "local_shell"}, {"type": "mcp", "server_label": "x"}]
    request = read(tools=[WEATHER, *hosted, PATCH, space]).request
    weather, patch, files = request.tools
    assert weather == Tool("get_weather", "w", PARAMETERS, True)
    assert (patch.name, list(patch.parameters["properties"])) == ("apply_patch", ["input"])
    assert patch.description is not None
    assert patch.description.startswith("Edits files.")
    assert patch.description.endswith('start: "x"')
    assert files == Tool("files.read")
    assert request.tool_choice == ToolChoice("auto")
    assert read(tools=hosted).request.tool_choice == ToolChoice("none")


@pytest.mark.parametrize(
    ("choice", "expected", "names"),
    [
        ("none", ToolChoice("none"), ["get_weather", "apply_patch"]),
        ("required", ToolChoice("required"), ["get_weather", "apply_patch"]),
        (
            {"type": "function", "name": "get_weather"},
            ToolChoice("named", "get_weather"),
            ["get_weather", "apply_patch"],
        ),
        ({"type": "custom", "name": "apply_patch"}, ToolChoice("named", "apply_patch"), ["get_weather", "apply_patch"]),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "custom", "name": "apply_patch"}, {"type": "web_search"}],
            },
            ToolChoice("required"),
            ["apply_patch"],
        ),
    ],
)
def test_tool_choice(choice: Any, expected: ToolChoice, names: list[str]) -> None:
    request = read(tools=[WEATHER, PATCH], tool_choice=choice).request
    assert request.tool_choice == expected
    assert [tool.name for tool in request.tools] == names


def test_formats() -> None:
    schema = {"type": "object"}
    form = {"type": "json_schema", "name": "x", "schema": schema, "strict": True}
    assert read(text={"format": form, "verbosity": "low"}).request.response_format == JsonSchema("x", schema)
    assert read(text={"format": {"type": "json_object"}}).request.response_format == JsonObject()


@pytest.mark.parametrize(
    ("effort", "thinking"), [(None, "disabled"), ("none", "disabled"), ("minimal", "enabled"), ("xhigh", "enabled")]
)
def test_effort(effort: str | None, thinking: str) -> None:
    assert read(reasoning={"effort": effort, "summary": "auto"}).request.thinking == thinking


def test_the_rest() -> None:
    asked = read(
        max_output_tokens=50, temperature=0.5, top_p=0.9, parallel_tool_calls=False, stream=True, store=True, user="u",
        include=["message.output_text.logprobs", "reasoning.encrypted_content"], stream_options={"x": 1},
        truncation="auto", metadata={"a": "b"}, service_tier="flex", max_tool_calls=3, background=False,
        prompt_cache_key="k", client_metadata={"y": 2},
    )  # fmt: skip
    request = asked.request
    assert asked.stream
    assert (request.max_tokens, request.logprobs, request.parallel_tool_calls, request.user) == (50, 0, False, "u")
    assert (request.sampling.temperature, request.sampling.top_p) == (0.5, 0.9)
    assert read(top_logprobs=3).request.logprobs == 3
    assert read(safety_identifier="s").request.user == "s"


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"model": None}, "model", "required"),
        ({"input": None}, "input", "required"),
        ({"input": []}, "input", "at least one"),
        ({"input": 5}, "input", "a string"),
        ({"input": ["x"]}, "input[0]", "an object"),
        ({"input": [{"type": "message"}]}, "input[0].role", "required"),
        ({"input": [{}]}, "input[0].type", "required"),
        ({"input": [{"type": 5}]}, "input[0].type", "a string"),
        ({"input": [{"type": ["message"]}]}, "input[0].type", "a string"),
        ({"input": [{"role": "wizard", "content": "x"}]}, "input[0].role", "one of"),
        ({"input": [{"role": "user"}]}, "input[0].content", "required"),
        ({"input": [{"type": "mesage", "role": "user", "content": "x"}]}, "input[0].type", "'message'"),
        ({"input": [user(), {"role": "user", "content": [5]}]}, "input[1].content[0]", "an object"),
        ({"input": [{"role": "user", "content": [{"text": "x"}]}]}, "input[0].content[0].type", "required"),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text", "required"),
        ({"input": [{**called("c"), "call_id": None}]}, "input[0].call_id", "a string"),
        ({"input": [user(), output("c9", "x")]}, "input[1].call_id", "'c9'"),
        ({"input": [called("c"), output("c", {"a": 1})]}, "input[1].output", "a string"),
        ({"max_output_tokens": 0}, "max_output_tokens", "at least 1"),
        ({"temperature": 2.5}, "temperature", "from 0 to 2"),
        ({"top_p": -1}, "top_p", "from 0 to 1"),
        ({"top_logprobs": 21}, "top_logprobs", "20"),
        ({"reasoning": {"effort": "extreme"}}, "reasoning.effort", "one of"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type", "json_schema"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema", "required"),
        ({"text": {"format": {}}}, "text.format.type", "required"),
        ({"tools": [{"name": "x"}]}, "tools[0].type", "required"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "required"),
        ({"tools": [WEATHER, WEATHER]}, "tools[1].name", "Two"),
        ({"tools": [{"type": "function", "name": "a b"}]}, "tools[0].name", "letters"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [{}]}]}, "tools[0].tools[0].type", "required"),
        ({"tool_choice": "sometimes"}, "tool_choice", "'auto'"),
        ({"tool_choice": "required"}, "tool_choice", "needs a tool"),
        ({"tool_choice": {"type": "function", "name": "x"}}, "tool_choice.name", "'x'"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.name", "required"),
    ],
)  # fmt: skip
def test_wrong_fields_are_named(fields: dict[str, Any], param: str, words: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read(**fields)
    assert raised.value.param == param
    assert words in raised.value.message


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id", "whole conversation"),
        ({"conversation": {"id": "conv_1"}}, "conversation", "whole conversation"),
        ({"background": True}, "background", "stream"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt", "instructions"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0]", "the item itself"),
        ({"input": [{"id": "msg_1"}]}, "input[0]", "the item itself"),
        ({"input": [part("input_file", file_id="f")]}, "input[0].content[0].type", "input_text"),
        ({"input": [part("input_image", file_id="f")]}, "input[0].content[0].image_url", "stored file"),
        ({"input": [{**IMAGE, "role": "developer"}]}, "input[0].content[0]", "developer"),
        ({"input": [{**IMAGE, "role": "assistant"}]}, "input[0].content[0]", "assistant"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice.type", "web_search"),
    ],
)  # fmt: skip
def test_what_is_not_here_is_refused(fields: dict[str, Any], param: str, words: str) -> None:
    with pytest.raises(Unsupported) as raised:
        read(**fields)
    assert raised.value.param == param
    assert words in raised.value.message


def test_broken_json() -> None:
    with pytest.raises(InvalidRequest, match="not valid JSON"):
        DOOR.read(b"{", ARRIVAL)
    with pytest.raises(RequestError):
        DOOR.read(b'"\xff"', ARRIVAL)


@pytest.mark.parametrize(
    ("param", "told"),
    [
        ("messages[0].content[0]", "instructions.content[0]"),
        ("messages[1].content[1]", "input[0].content[1]"),
        ("messages[2].tool_calls[1].function.arguments", "input[3].arguments"),
        ("messages[3].tool_call_id", "input[4].call_id"),
        ("messages", "input"),
        ("max_tokens", "max_output_tokens"),
        ("response_format.json_schema.schema.properties", "text.format.schema.properties"),
        ("tools[1].function.parameters.type", "tools[2].parameters.type"),
    ],
)
def test_errors_of_the_service_name_the_fields_of_this_api(param: str, told: str) -> None:
    asked = read(
        instructions="x",
        input=[user(), thought("t"), called("c1"), called("c2"), output("c1", "x")],
        tools=[WEATHER, {"type": "web_search"}, {**WEATHER, "name": "other"}],
    )
    status, body = asked.adapter.error(InvalidRequest(f"{param} is wrong.", param=param), ARRIVAL)
    error = json.loads(body)["error"]
    assert (status, error["param"]) == (400, told)
    if "[" in param:
        assert error["message"] == f"{told} is wrong."
    status, body = asked.adapter.error(ContextOverflow("x"), ARRIVAL)
    assert json.loads(body)["error"]["param"] == "input"
