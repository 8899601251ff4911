"""What a body means behind Cloudsway's door, and what its page forbids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudsway import CloudswayChatAdapter
from maxserve.apis.openai_chat import ParsedChat
from maxserve.chat import InvalidRequest, JsonObject, NotFound, RequestError, ToolChoice

BOUND = CloudswayChatAdapter({"cGmuyz": "MiniMax-M2.7"})
OPEN = CloudswayChatAdapter()
USER = [{"role": "user", "content": "hi"}]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}]


def at(endpoint: str | None) -> RequestContext:
    return RequestContext("0" * 24, 0, {} if endpoint is None else {"endpoint": endpoint})


def read(adapter: CloudswayChatAdapter = OPEN, endpoint: str | None = None, **fields: Any) -> ParsedChat:
    body = {"model": "MaaS_Minimax_M2.7_20260318", "messages": USER} | fields
    return adapter.read(
        json.dumps({name: value for name, value in body.items() if value is not ...}).encode(), at(endpoint)
    )


def test_the_least_request() -> None:
    asked = read()
    assert asked.request.model == "MaaS_Minimax_M2.7_20260318"
    assert (asked.request.mask, asked.request.mask_usual) == (None, True)
    assert (asked.stream, asked.include_usage, asked.split) == (False, False, False)


@pytest.mark.parametrize("model", ["MiniMax-M2.5", "no such model", ...])
def test_a_bound_path_decides_whatever_the_body_says(model: Any) -> None:
    assert read(BOUND, "cGmuyz", model=model).request.model == "MiniMax-M2.7"


def test_an_unbound_path_is_unknown() -> None:
    with pytest.raises(NotFound, match="'other'"):
        read(BOUND, "other")


def test_paths_without_endpoints_leave_it_to_the_body() -> None:
    assert read(BOUND, None, model="MiniMax-M2.5").request.model == "MiniMax-M2.5"
    assert read(OPEN, "anything", model="MiniMax-M2.5").request.model == "MiniMax-M2.5"
    with pytest.raises(InvalidRequest, match="'model' is required"):
        read(OPEN, "anything", model=...)


def test_every_parameter_arrives() -> None:
    asked = read(
        temperature=0.4,
        top_p=0.5,
        max_tokens=100,
        max_completion_tokens=200,
        stream=True,
        stream_options={"include_usage": True},
        stop=["a", "b", "c", "d"],
        n=1,
        frequency_penalty=-2,
        presence_penalty=2,
        response_format={"type": "json_object"},
        seed=7,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
        mask_sensitive_info=False,
        reasoning_split=True,
        user="end-user-1",
    )
    request, sampling = asked.request, asked.request.sampling
    assert (sampling.temperature, sampling.top_p, sampling.seed) == (0.4, 0.5, 7)
    assert (sampling.frequency_penalty, sampling.presence_penalty) == (-2, 2)
    assert (request.max_tokens, request.stop, request.n) == (200, ("a", "b", "c", "d"), 1)
    assert request.response_format == JsonObject()
    assert request.tool_choice == ToolChoice("named", "get_weather")
    assert (request.mask, request.user) == (False, "end-user-1")
    assert (asked.stream, asked.include_usage, asked.split) == (True, True, True)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": 0}, "temperature"),
        ({"temperature": 1.01}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.5}, "top_p"),
        ({"n": 2}, "n"),
        ({"n": 0}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"frequency_penalty": 2.1}, "frequency_penalty"),
        ({"presence_penalty": -2.1}, "presence_penalty"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"mask_sensitive_info": "yes"}, "mask_sensitive_info"),
        ({"messages": [{"role": "narrator", "content": "x"}]}, "messages[0].role"),
    ],
)
def test_what_the_page_forbids_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        read(**fields)
    assert caught.value.param == param
    assert param.rpartition(".")[2] in caught.value.message


def test_the_vendor_s_limit_is_a_setting() -> None:
    strict = CloudswayChatAdapter({"cGmuyz": "MiniMax-M2.7"}, max_output=2048)
    assert read(OPEN, max_tokens=2049).request.max_tokens == 2049
    assert read(strict, "cGmuyz", max_tokens=2048).request.max_tokens == 2048
    for name in ("max_tokens", "max_completion_tokens"):
        for endpoint in ("cGmuyz", None):
            with pytest.raises(InvalidRequest, match="at most 2,048") as caught:
                read(strict, endpoint, **{name: 2049})
            assert caught.value.param == name
