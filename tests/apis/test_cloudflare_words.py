"""What is wrong with a request, in the sentences that Cloudflare's schema check uses; and what is not wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.anthropic import MessagesAdapter
from maxserve.apis.cloudflare import (
    CloudflareChatAdapter,
    Form,
    RelayedAdapter,
    beside,
    in_binding,
    in_body,
    in_path,
    v4_body,
)
from maxserve.catalogue import Catalogue
from maxserve.chat import InvalidRequest, UnknownModel

CHAT = CloudflareChatAdapter(Catalogue.load(), Form(in_body, False, v4_body))
RUN = CloudflareChatAdapter(Catalogue.load(), Form(beside, True, v4_body))
BINDING = CloudflareChatAdapter(Catalogue.load(), Form(in_binding, False, v4_body))
PATH = CloudflareChatAdapter(Catalogue.load(), Form(in_path, True, v4_body))
ARRIVAL = RequestContext("0" * 24, 1_795_230_000)
HI = {"role": "user", "content": "hi"}
TEXT_PART = {"type": "text", "text": "hi"}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "minimax/m3", "messages": [HI], **fields}).encode()


def told(error: Any, context: RequestContext = ARRIVAL) -> str:
    status, answer = v4_body(error, context)
    parsed = json.loads(answer)
    assert list(parsed) == ["errors", "success", "result", "messages"]
    assert (status, parsed["success"], parsed["result"], parsed["messages"]) == (400, False, {}, [])
    (fault,) = parsed["errors"]
    assert (list(fault), fault["code"]) == (["message", "code"], 7003)
    return str(fault["message"]).removeprefix("Model execution failed (User Input Error): ")


@pytest.mark.parametrize(
    ("sent", "tail"),
    [
        (b"{}", "Required value missing: model"),
        (b'{"model":"minimax/m3"}', "Required value missing: messages"),
        (body(messages="hi"), "Invalid value at messages: Invalid input: expected array, received string"),
        (body(messages=[{"content": "hi"}]), "Required value missing: messages[0].role"),
        (body(messages=[HI, {"role": "user"}]), "Required value missing: messages[1].content"),
        (
            body(messages=[HI, HI, {"role": "user", "content": 7}]),
            "Invalid value at messages[2].content: Invalid input",
        ),
        (
            body(messages=[{"role": "boss", "content": "hi"}]),
            'Invalid value at messages[0].role: Invalid option: expected one of "system"|"user"|"assistant"|"tool"',
        ),
        (body(temperature=1.5), "Validation error at temperature: Too big: expected number to be <=1"),
        (body(temperature=-1), "Validation error at temperature: Too small: expected number to be >=0"),
        (body(top_p=2), "Validation error at top_p: Too big: expected number to be <=1"),
        (body(top_p="1"), "Invalid value at top_p: Invalid input: expected number, received string"),
        (body(max_tokens=0), "Validation error at max_tokens: Too small: expected number to be >0"),
        (body(max_tokens=1e300), "Validation error at max_tokens: Too big: expected number to be <9007199254740992"),
        (body(stream="yes"), "Invalid value at stream: Invalid input: expected boolean, received string"),
        (body(tools={}), "Invalid value at tools: Invalid input: expected array, received object"),
    ],
)
def test_sentences(sent: bytes, tail: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        CHAT.read(sent, ARRIVAL)
    assert told(caught.value) == tail


@pytest.mark.parametrize(
    ("fields", "tail"),
    [
        ({}, "Required value missing: messages"),
        (
            {"max_tokens": 9, "messages": "hi"},
            "Invalid value at messages: Invalid input: expected array, received string",
        ),
        (
            {"messages": [HI], "max_tokens": "9"},
            "Invalid value at max_tokens: Invalid input: expected number, received string",
        ),
        ({"messages": [HI], "system": 7}, "Invalid value at system: Invalid input"),
    ],
)
def test_what_another_dialect_finds_is_told_in_the_same_words(fields: dict[str, Any], tail: str) -> None:
    adapter = RelayedAdapter(Catalogue.load(), MessagesAdapter(b"secret"), "messages")
    with pytest.raises(InvalidRequest) as caught:
        adapter.read(json.dumps({"model": "minimax/m3", **fields}).encode(), ARRIVAL)
    assert told(caught.value) == tail
    assert json.loads(adapter.error(caught.value, ARRIVAL)[1])["error"]["type"] == "invalid_request_error"


def test_what_is_no_json() -> None:
    for sent in (b"", b"{", b"\xff", b'{"model":"minimax/m3","messages":[{"role":"user","content":"\\ud800"}]}'):
        with pytest.raises(InvalidRequest) as caught:
            CHAT.read(sent, ARRIVAL)
        assert told(caught.value).startswith("Invalid")


def test_paths_of_fields_are_those_of_the_body_that_was_sent() -> None:
    sent = json.dumps({"model": "minimax/m3", "input": {"messages": "hi"}}).encode()
    with pytest.raises(InvalidRequest) as caught:
        RUN.read(sent, ARRIVAL)
    assert told(caught.value) == "Invalid value at input.messages: Invalid input: expected array, received string"
    with pytest.raises(InvalidRequest) as caught:
        RUN.read(b'{"model":"minimax/m3"}', ARRIVAL)
    assert told(caught.value) == "Required value missing: input"
    binding = RequestContext("0" * 24, 0, headers=[(b"cf-consn-model-id", b"minimax/m3")])
    with pytest.raises(InvalidRequest) as caught:
        BINDING.read(b'{"inputs":{"messages":7}}', binding)
    assert told(caught.value) == "Invalid value at messages: Invalid input: expected array, received number"
    with pytest.raises(InvalidRequest) as caught:
        BINDING.read(b'{"inputs":{}}', ARRIVAL)
    assert told(caught.value) == "Required value missing: cf-consn-model-id"


@pytest.mark.parametrize("sent", [b'{"model":"minimax/m9"}', b'{"model":"minimax/m9","messages":7,"temperature":9}'])
def test_the_model_is_looked_for_before_anything_else(sent: bytes) -> None:
    adapters = [
        (CHAT, sent, ARRIVAL),
        (RUN, sent, ARRIVAL),
        (PATH, b"no json", RequestContext("0" * 24, 0, {"model": "minimax/m9"})),
        (BINDING, b"{}", RequestContext("0" * 24, 0, headers=[(b"cf-consn-model-id", b"minimax/m9")])),
    ]
    for adapter, each, context in adapters:
        with pytest.raises(UnknownModel, match=r"^Model not found: minimax/m9$"):
            adapter.read(each, context)


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}]},
        {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_effort": "low"},
        {"stop": ["x"], "n": 2, "seed": 1, "user": "u", "parallel_tool_calls": False, "unheard": {"of": 1}},
        {"messages": [HI, {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}]},
        {"messages": [{"role": "user", "content": [TEXT_PART, {**TEXT_PART, "cache_control": {}}]}]},
        {"stream_options": {"include_usage": True}},
        {"response_format": {"type": "json_object"}},
        {"max_completion_tokens": 20.5},
        {"temperature": None, "top_p": 1, "mask_sensitive_info": True},
    ],
)
def test_what_real_clients_send_is_taken(fields: dict[str, Any]) -> None:
    asked = CHAT.read(body(**fields), ARRIVAL)
    assert asked.request.model == "minimax/m3"
    if "max_completion_tokens" in fields:
        assert asked.request.max_tokens == 20
    if "n" in fields:
        assert (asked.request.n, asked.request.stop) == (2, ("x",))
