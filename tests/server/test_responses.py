"""The Responses API over real sockets: its paths, its headers, what is stored (nothing), and errors at every stage."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from maxserve.chat import EngineCrashed
from tests.support.scripted import Scripted, scripted

PATHS = ["/v1/responses", "/openai/v1/responses", "/minimax/v1/responses"]
HELLO = {"model": "MiniMax-M2.7", "input": "hi"}


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def ask(served: Scripted, method: str, path: str, body: Any = None) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=30)
    try:
        connection.request(method, path, None if body is None else json.dumps(body).encode())
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


def last(stream: bytes) -> Any:
    return json.loads(stream.split(b"\n\n")[-2].partition(b"data: ")[2])


@pytest.mark.parametrize("path", PATHS)
def test_whole_and_streamed_on_every_path(served: Scripted, path: str) -> None:
    served.say("Hm.\n</think>\n\nYes.")
    status, body, headers = ask(served, "POST", path, HELLO)
    whole = json.loads(body)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-maxserve-checkpoint"] == "replayed"
    assert headers["x-request-id"] == whole["id"].replace("resp_", "req_")
    assert [item["content"][0]["text"] for item in whole["output"]] == ["Hm.", "Yes."]
    served.say("Hm.\n</think>\n\nYes.")
    status, body, headers = ask(served, "POST", path, {**HELLO, "stream": True})
    assert headers["content-type"].startswith("text/event-stream")
    assert b"[DONE]" not in body
    streamed = last(body)["response"]
    for response in (whole, streamed):
        response["created_at"] = 0
    assert json.dumps(streamed).replace(streamed["id"][5:], "") == json.dumps(whole).replace(whole["id"][5:], "")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("method", "below"),
    [("GET", "resp_1"), ("DELETE", "resp_1"), ("GET", "resp_1/input_items?limit=2"), ("POST", "resp_1/cancel")],
)
def test_nothing_is_stored(served: Scripted, path: str, method: str, below: str) -> None:
    status, body, _ = ask(served, method, f"{path}/{below}")
    error = json.loads(body)["error"]
    assert (status, error["code"], error["type"]) == (404, "not_found", "invalid_request_error")
    assert "'resp_1'" in error["message"]
    assert "whole conversation" in error["message"]


def test_what_is_no_path_of_the_api(served: Scripted) -> None:
    status, body, _ = ask(served, "GET", "/v1/responses")
    assert (status, json.loads(body)["error"]["code"]) == (405, "invalid_request")


def test_errors_before_the_stream_keep_their_status(served: Scripted) -> None:
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}
    message = {"role": "user", "content": [{"type": "input_text", "text": "?"}, picture]}
    for body, expected, param in (
        ({"stream": True, "input": [message], "instructions": "x"}, 400, "input[0].content[1]"),
        ({"stream": True, "max_output_tokens": 10**7}, 400, "max_output_tokens"),
        ({"stream": True, "model": "gpt-9"}, 404, "model"),
        ({"stream": True, "background": True}, 400, "background"),
    ):
        status, answer, _ = ask(served, "POST", "/v1/responses", {**HELLO, **body})
        assert (status, json.loads(answer)["error"]["param"]) == (expected, param)
    served.say("", error=EngineCrashed("The engine ended."))
    status, answer, _ = ask(served, "POST", "/v1/responses", {**HELLO, "stream": True})
    assert (status, json.loads(answer)["error"]["code"]) == (502, "engine_crashed")


def test_an_error_in_mid_stream_is_told_twice(served: Scripted) -> None:
    served.say("Hm.\n</think>\n\nOnce upon", error=EngineCrashed("The engine ended."))
    status, body, _ = ask(served, "POST", "/v1/responses", {**HELLO, "stream": True})
    assert status == 200
    *_, failed, error, empty = body.decode().split("\n\n")
    assert empty == ""
    assert failed.startswith("event: response.failed\n")
    assert error.startswith("event: error\n")
    assert last(body)["error"]["code"] == "engine_crashed"


def test_a_resent_turn_is_rendered_as_the_model_wrote_it(served: Scripted) -> None:
    tool = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}
    call = '<invoke name="get_weather">\n</invoke>\n'
    raw = f"Two calls.\n</think>\n\nI look.\n<minimax:tool_call>\n{call}{call}</minimax:tool_call>"
    served.say(raw)
    asked = {**HELLO, "tools": [tool], "include": ["reasoning.encrypted_content"]}
    output = json.loads(ask(served, "POST", "/v1/responses", asked)[1])["output"]
    assert [item["type"] for item in output] == ["reasoning", "message", "function_call", "function_call"]
    results = [
        {"type": "function_call_output", "call_id": item["call_id"], "output": f"result {number}"}
        for number, item in enumerate(output[2:])
    ]
    # Some agents return a thought only as `encrypted_content`.
    sealed = {**output[0], "content": None}
    for resent in (output, [sealed, *output[1:]]):
        served.say("</think>Done.")
        items = [{"role": "user", "content": "hi"}, *resent, *results]
        assert ask(served, "POST", "/v1/responses", {**asked, "input": items})[0] == 200
        prompt = served.prompts[-1]
        assert f"]~b]ai\n<think>\n{raw}[e~[" in prompt
        assert "<response>result 0</response>\n<response>result 1</response>" in prompt
