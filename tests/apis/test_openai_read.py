"""What a chat-completions body means, and what is said about a wrong one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.openai_chat import OpenAIChatAdapter, ParsedChat
from maxserve.chat import (
    ImagePart,
    InvalidRequest,
    JsonObject,
    JsonSchema,
    RequestError,
    TextPart,
    ToolChoice,
    Unsupported,
)

ARRIVAL = RequestContext("0" * 24, 0)
DOOR = OpenAIChatAdapter()
USER = [{"role": "user", "content": "hi"}]
TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}},
    {"type": "function", "function": {"name": "get_time"}},
]


def read(**fields: Any) -> ParsedChat:
    return DOOR.read(json.dumps({"model": "minimax/m2.7", "messages": USER, **fields}).encode(), ARRIVAL)


def test_the_least_request() -> None:
    asked = read()
    request = asked.request
    assert (request.model, request.n, request.max_tokens, request.stop) == ("minimax/m2.7", 1, None, ())
    assert request.tool_choice == ToolChoice("none")
    assert (asked.stream, asked.include_usage, asked.split) == (False, False, True)


def test_every_role_and_content_shape() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
    request = read(
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "system", "name": "MiniMax AI"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,", "detail": "low"}},
                ],
            },
            {"role": "assistant", "content": None, "reasoning_content": "hm", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "12"},
        ]
    ).request
    developer, system, user, assistant, tool = request.messages
    assert developer.content == "Be brief."
    assert (system.content, system.name) == ("", "MiniMax AI")
    assert user.content == (TextPart("a"), ImagePart("data:image/png;base64,", "low"))
    assert (assistant.content, assistant.reasoning) == ("", "hm")
    assert assistant.tool_calls[0].arguments == '{"city": "Oslo"}'
    assert (tool.tool_call_id, tool.content) == ("c1", "12")


@pytest.mark.parametrize(
    "field",
    [
        {"reasoning_content": "thought"},
        {"reasoning": "thought"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "thou"}, {"text": "ght", "signature": None}]},
    ],
)
def test_reasoning_comes_back_in_every_shape(field: dict[str, Any]) -> None:
    assert (
        read(messages=[*USER, {"role": "assistant", "content": "x", **field}]).request.messages[1].reasoning
        == "thought"
    )


def test_max_completion_tokens_wins() -> None:
    assert read(max_tokens=5, max_completion_tokens=7).request.max_tokens == 7


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({}, None),
        ({"thinking": {"type": "disabled"}}, "disabled"),
        ({"thinking": {"type": "enabled", "budget_tokens": 99}}, "enabled"),
        ({"reasoning_effort": "none"}, "disabled"),
        ({"reasoning_effort": "low"}, "enabled"),
        ({"reasoning": {"effort": "high"}}, "enabled"),
        ({"reasoning": {"enabled": False}}, "disabled"),
        ({"reasoning": "adaptive"}, "adaptive"),
        ({"reasoning": {"max_tokens": 7}}, "enabled"),
        ({"chat_template_kwargs": {"thinking_mode": "enabled"}}, "enabled"),
        ({"chat_template_kwargs": {"enable_thinking": False}}, "disabled"),
        ({"thinking": {"type": "adaptive"}, "reasoning_effort": "none"}, "adaptive"),
    ],
)
def test_thinking_in_every_shape(fields: dict[str, Any], mode: str | None) -> None:
    assert read(**fields).request.thinking == mode


@pytest.mark.parametrize(
    ("fields", "budget"),
    [
        ({"thinking": {"type": "enabled"}}, None),
        ({"thinking": {"type": "enabled", "budget_tokens": 99}}, 99),
        ({"reasoning": {"max_tokens": 7}}, 7),
        ({"reasoning": {"effort": "low"}}, None),
    ],
)
def test_a_thought_may_have_a_budget(fields: dict[str, Any], budget: int | None) -> None:
    assert read(**fields).request.thinking_budget == budget


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "get_time"}}, ToolChoice("named", "get_time")),
    ],
)
def test_tool_choice(choice: Any, expected: ToolChoice) -> None:
    assert read(tools=TOOLS, tool_choice=choice).request.tool_choice == expected


def test_allowed_tools_narrow_the_tools() -> None:
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "get_time"}}]}
    request = read(tools=TOOLS, tool_choice={"type": "allowed_tools", "allowed_tools": allowed}).request
    assert [tool.name for tool in request.tools] == ["get_time"]
    assert request.tool_choice == ToolChoice("required")


def test_response_formats() -> None:
    assert read(response_format={"type": "json_object"}).request.response_format == JsonObject()
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    asked = read(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
    assert asked.request.response_format == JsonSchema("x", schema)


def test_nulls_mean_absent() -> None:
    nulls = dict.fromkeys(["temperature", "top_p", "max_tokens", "n", "stop", "tools", "tool_choice", "stream", "seed"])
    assert read(**nulls) == read()


def test_unknown_and_labelling_fields_are_tolerated() -> None:
    assert read(store=True, metadata={"a": "b"}, service_tier="auto", surprise=1) == read()


@pytest.mark.parametrize(
    ("fields", "param", "said"),
    [
        ({"temperature": 2.5}, "temperature", "from 0 to 2"),
        ({"temperature": "hot"}, "temperature", "must be a number or null, not a string"),
        ({"top_p": 1.5}, "top_p", "from 0 to 1"),
        ({"presence_penalty": -3}, "presence_penalty", "from -2 to 2"),
        ({"max_tokens": 0}, "max_tokens", "at least 1"),
        ({"n": 0}, "n", "at least 1"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "up to 4"),
        ({"stop": ""}, "stop", "must not be empty"),
        ({"seed": 2**63}, "seed", "64 bits"),
        ({"top_logprobs": 3}, "top_logprobs", "logprobs is true"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "from 0 to 20"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "stream is true"),
        ({"messages": []}, "messages", "at least one"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "must be one of"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "is required"),
        (
            {"messages": [{"role": "user", "content": [{"type": "imge_url"}]}]},
            "messages[0].content[0].type",
            "must be text or image_url",
        ),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "not an integer"),
        ({"tools": TOOLS, "tool_choice": "sometimes"}, "tool_choice", "'none', 'auto', 'required'"),
        ({"tool_choice": "required"}, "tool_choice", "needs tools"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice", "not among"),
        ({"tools": [TOOLS[0], TOOLS[0]]}, "tools[1].function.name", "Two tools"),
        (
            {"tools": [{"type": "function", "function": {"name": "a b"}}]},
            "tools[0].function.name",
            "1 to 128 letters",
        ),
        ({"response_format": {"type": "xml"}}, "response_format.type", "json_schema"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "is required"),
        ({"thinking": {"type": "sometimes"}}, "thinking.type", "enabled, disabled, adaptive"),
        ({"thinking": False}, "thinking", "must be an object or null, not a boolean"),
        ({"thinking": {"type": "enabled", "budget_tokens": 0}}, "thinking.budget_tokens", "at least 1"),
        ({"reasoning": {"max_tokens": 0}}, "reasoning.max_tokens", "at least 1"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort", "must be one of"),
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
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"functions": [{"name": "x"}]}, "functions"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0].type"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read(**fields)
    assert caught.value.param == param


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"model": "x"}', b'{"model":"x","messages":{}}']
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        DOOR.read(body, ARRIVAL)
    assert caught.value.message.endswith(".")
