"""The OpenAI-compatible flavour, and which names ask for it (docs/wire/runware.md §8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext, ResponseContext
from maxserve.apis.registry import flavour_of
from maxserve.apis.runware import RunwareChatAdapter, RunwareModels
from maxserve.chat import (
    CompletedToolCall,
    Completion,
    CompletionChoice,
    InvalidRequest,
    Overloaded,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Unauthorized,
    Usage,
)
from maxserve.chat import Finished as End

from .tasks import CATALOGUE

DOOR = RunwareChatAdapter()
ARRIVAL = RequestContext("0123456789abcdef01234567", 1795219200)
REPLY = ResponseContext(ARRIVAL, CATALOGUE.resolve("minimax:m2.7@0"), "demo")
ASK: dict[str, Any] = {"model": "minimax:m2.7@0", "messages": [{"role": "user", "content": "Hi"}]}


def ask(**more: Any) -> Any:
    return DOOR.read(json.dumps(ASK | more).encode(), ARRIVAL)


@pytest.mark.parametrize(
    ("name", "flavour"),
    [
        ("minimax:m2.7@0", "runware"),
        ("minimax:m2.7@highspeed", "runware"),
        ("google:gemini@3.1-pro", "runware"),
        ("minimax-m2-7", "runware"),
        ("minimax-m2-7-highspeed", "runware"),
        ("minimax-m3", "runware"),
        ("minimax-m2.7", "openai"),
        ("MiniMax-M2.7", "minimax"),
        ("minimax/minimax-m2.7", "openai"),
        ("@cf/minimax/m2.7", "openai"),
        ("gpt:4", "openai"),
        ("", "openai"),
        (None, "openai"),
    ],
)
def test_names(name: str | None, flavour: str) -> None:
    assert flavour_of(name) == flavour


def whole(asked: Any, *results: CompletionChoice) -> Any:
    return json.loads(
        asked.write_json(Completion(list(results), Usage.of_answer(r.usage for r in results), "demo"), REPLY)
    )


def test_a_whole_answer() -> None:
    told = whole(ask(), CompletionChoice(0, "Hm.", "101.", [], None, "stop", None, Usage(14, 9, 4, 5)))
    assert told == {
        "id": "chatcmpl-0123456789abcdef01234567",
        "object": "chat.completion",
        "created": 1795219200,
        "model": "minimax:m2.7@0",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "101.", "reasoning_content": "Hm."},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 14,
            "completion_tokens": 9,
            "total_tokens": 23,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 5},
            "cost": 0.00001404,
        },
        "system_fingerprint": "demo",
    }


def test_calls_and_a_thought_in_the_content() -> None:
    calls = [CompletedToolCall("call_1", "dice", '{"n":2}')]
    result = CompletionChoice(0, "Hm.", "", calls, None, "tool_calls", None, Usage(14, 9))
    message = whole(ask(model="minimax-m2-7", reasoning_split=False), result)["choices"][0]["message"]
    assert message["content"] == "<think>\nHm.\n</think>\n\n"
    assert message["tool_calls"][0]["function"] == {"name": "dice", "arguments": '{"n":2}'}
    assert whole(ask(), result)["choices"][0]["message"]["content"] is None


def test_a_stream() -> None:
    writer = ask(stream=True, stream_options={"include_usage": True}).stream_writer(REPLY)
    events = [
        ReasoningDelta(0, "Hm."),
        TextDelta(0, "101."),
        ToolCallStarted(0, 0, "call_1", "dice"),
        ToolCallDelta(0, 0, "{}"),
        End(0, "tool_calls", Usage(14, 9)),
    ]
    *frames, done, rest = (writer.start() + writer.write(events) + writer.end()).split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    told = [json.loads(frame.removeprefix(b"data: ")) for frame in frames]
    assert [chunk["choices"][0]["delta"] for chunk in told[:3]] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm."},
        {"content": "101."},
    ]
    assert told[-1]["choices"] == []
    assert told[-1]["usage"]["cost"] == 0.000015
    assert {chunk["model"] for chunk in told} == {"minimax:m2.7@0"}
    plain = ask(stream=True).stream_writer(REPLY)
    assert plain.write([End(0, "stop", Usage(1, 1))]).count(b"usage") == 0
    assert plain.end() == b"data: [DONE]\n\n"


def test_errors_under_both_keys() -> None:
    status, data = DOOR.error(InvalidRequest("temperature must be from 0 to 2.", param="temperature"), ARRIVAL)
    message = "temperature must be from 0 to 2."
    assert status == 400
    assert json.loads(data) == {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": "temperature",
            "code": "invalid_request",
        },
        "errors": [{"code": "invalidParameter", "message": message, "parameter": "temperature"}],
    }
    assert DOOR.error(Unauthorized("No."), ARRIVAL)[0] == 401
    assert DOOR.error_event(Overloaded("Full."), ARRIVAL).startswith(b'data: {"error":{"message":"Full."')


def test_the_list_is_a_bare_array() -> None:
    listed = json.loads(RunwareModels(CATALOGUE).all({}))
    assert [model["id"] for model in listed][:2] == ["minimax:m2.7@0", "minimax:m2.7@highspeed"]
    assert len(listed) == len(CATALOGUE.models)
    assert listed[0] == {
        "id": "minimax:m2.7@0",
        "object": "model",
        "created": 1773799200,
        "owned_by": "minimax",
        "name": "MiniMax-M2.7",
        "context_length": 204800,
        "max_output_tokens": 204800,
        "pricing": {"prompt": "0.0000003", "completion": "0.0000012", "input_cache_read": "0.00000006"},
    }
    assert listed[-1]["pricing"]["prompt"] == "0"
    assert json.loads(RunwareModels(CATALOGUE).one("minimax-m2-7"))["id"] == "minimax-m2-7"
