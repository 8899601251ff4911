"""Which inputs are Anthropic's Messages, and what becomes of them behind the paths that run a model."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.anthropic import MessagesAdapter
from maxserve.apis.cloudflare import CloudflareChatAdapter, Form, ParsedRelayed, beside, gateway_body, v4_body
from maxserve.apis.cloudflare.messages import are_messages, named
from maxserve.catalogue import Catalogue
from maxserve.chat import InvalidRequest, Request

TURN = {"role": "user", "content": "Hello"}
ARRIVAL = RequestContext(id="0" * 24, created=1)
RUN = CloudflareChatAdapter(Catalogue.load(), Form(beside, True, v4_body), MessagesAdapter(b"secret"))


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"messages": [TURN]}, False),
        ({"messages": [{"role": "system", "content": "Be brief."}, TURN], "max_tokens": 5}, False),
        ({"messages": [TURN], "system": "Be brief."}, True),
        ({"messages": [TURN], "stop_sequences": ["."]}, True),
        ({"messages": [TURN], "tools": [{"name": "f", "input_schema": {"type": "object"}}]}, True),
        ({"messages": [TURN], "tools": [{"type": "function", "function": {"name": "f"}}]}, False),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": '"tool_use"'}]}]}, False),
        ({"messages": [{"role": "user", "content": '[{"type": "tool_use"}]'}]}, False),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]}]}, True),
        ({"messages": "Hello"}, False),
        ({"messages": [{"content": ["Hello"]}]}, False),
    ],
)
def test_the_branch_of_inputs(inputs: Any, expected: bool) -> None:
    assert are_messages(msgspec.json.encode(inputs)) is expected


@pytest.mark.parametrize("inputs", [b"", b"{", b"[]", b"\xff", b'{"messages": [7]}'])
def test_what_cannot_be_read_is_left_to_the_chats_reader(inputs: bytes) -> None:
    assert not are_messages(inputs)


def test_the_model_is_put_among_the_inputs() -> None:
    body = named(b'{"model": "other", "max_tokens": 5, "system": "\\u00e9"}', "minimax/m3")
    assert msgspec.json.decode(body) == {"model": "minimax/m3", "max_tokens": 5, "system": "é"}


def test_messages_are_read() -> None:
    body = {"model": "minimax/m3", "input": {"system": "Be brief.", "max_tokens": 5, "messages": [TURN]}}
    asked = RUN.read(msgspec.json.encode(body), ARRIVAL)
    assert isinstance(asked, ParsedRelayed)
    request = asked.request
    assert isinstance(request, Request)
    assert (request.model, request.max_tokens) == ("minimax/m3", 5)
    assert [message.role for message in request.messages] == ["system", "user"]
    assert asked.passage.form == "enveloped messages"
    status, told = asked.adapter.error(InvalidRequest("is too long", param="input.system"), ARRIVAL)
    assert (status, msgspec.json.decode(told)["errors"][0]["code"]) == (400, 7003)


def test_what_is_wrong_is_told_with_the_inputs_path() -> None:
    body = {"model": "minimax/m3", "input": {"system": "Be brief.", "messages": [TURN], "top_p": 7}}
    with pytest.raises(InvalidRequest) as caught:
        RUN.read(msgspec.json.encode(body), ARRIVAL)
    assert caught.value.param == "input.top_p"
    assert "input.top_p" in msgspec.json.decode(gateway_body(caught.value, ARRIVAL)[1])["message"]
