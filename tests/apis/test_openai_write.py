"""Frames and whole answers are the same text in OpenAI's shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.openai_chat import ChatStream, OpenAIChatAdapter, chat_body, error_body
from maxserve.chat import (
    CompletionBuilder,
    ContextOverflow,
    EngineCrashed,
    EngineUnavailable,
    Error,
    Event,
    Finished,
    InternalError,
    InvalidRequest,
    Overloaded,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Unauthorized,
    UnknownModel,
    Usage,
)

TOLD: list[Event] = [
    Started("demo-m2"),
    ReasoningDelta(0, "The user\n"),
    ReasoningDelta(0, 'asks "why".'),
    TextDelta(0, "Because — "),
    TextDelta(0, "so."),
    ToolCallStarted(0, 0, "call_function_abc_1", "get_weather"),
    ToolCallDelta(0, 0, '{"city":'),
    ToolCallDelta(0, 0, '"Oslo"}'),
    Finished(0, "tool_calls", Usage(10, 20, 4, 6)),
]


def stream(events: list[Event], *, include_usage: bool = False, split: bool = True, family: str = "m2") -> str:
    writer = ChatStream(
        id="chatcmpl-1",
        created=1,
        model="minimax/m2.7",
        checkpoint="demo-m2",
        family=family,
        n=1,
        include_usage=include_usage,
        split=split,
    )
    return (writer.start() + writer.write(events) + writer.end()).decode()


def frames(text: str) -> list[Any]:
    parts = text.split("\n\n")
    assert parts.pop() == ""
    assert parts.pop() == "data: [DONE]"
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def test_the_transcript() -> None:
    chunks = frames(stream(TOLD))
    assert {tuple(chunk) for chunk in chunks} == {("id", "object", "created", "model", "system_fingerprint", "choices")}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert sum("role" in delta for delta in deltas) == 1
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == 'The user\nasks "why".'
    details = [delta["reasoning_details"][0] for delta in deltas if "reasoning_details" in delta]
    assert "".join(detail["text"] for detail in details) == 'The user\nasks "why".'
    assert list(details[0]) == ["type", "id", "format", "index", "text"]
    assert "".join(delta.get("content", "") for delta in deltas) == "Because — so."
    calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert calls[0] == {
        "index": 0,
        "id": "call_function_abc_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": ""},
    }
    assert "".join(call["function"]["arguments"] for call in calls) == '{"city":"Oslo"}'
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["tool_calls"]
    assert deltas[-1] == {}


def test_usage_only_on_request() -> None:
    assert all("usage" not in chunk for chunk in frames(stream(TOLD)))
    *chunks, last = frames(stream(TOLD, include_usage=True))
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "total_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 6},
    }


@pytest.mark.parametrize(("family", "end"), [("m2", "\n</think>\n\n"), ("m3", "\n</think>\n")])
def test_unsplit_thought_is_a_block_in_the_content(family: str, end: str) -> None:
    expected = f'<think>\nThe user\nasks "why".{end}Because — so.'
    deltas = [chunk["choices"][0]["delta"] for chunk in frames(stream(TOLD, split=False, family=family))]
    assert "".join(delta.get("content", "") for delta in deltas) == expected
    assert not any("reasoning_content" in delta for delta in deltas)
    assert whole(TOLD, split=False, family=family)["choices"][0]["message"]["content"] == expected


def whole(events: list[Event], *, split: bool = True, family: str = "m2", n: int = 1) -> Any:
    builder = CompletionBuilder(n)
    builder.add(events)
    return json.loads(chat_body(builder.result(), id="i", created=1, model="m", family=family, split=split))


def test_the_whole_answer_is_the_stream_gathered() -> None:
    body = whole(TOLD)
    message = body["choices"][0]["message"]
    assert message == {
        "role": "assistant",
        "content": "Because — so.",
        "refusal": None,
        "reasoning_content": 'The user\nasks "why".',
        "reasoning_details": [
            {
                "type": "reasoning.text",
                "id": "reasoning-text-1",
                "format": "MiniMax-response-v1",
                "index": 0,
                "text": 'The user\nasks "why".',
            }
        ],
        "tool_calls": [
            {
                "id": "call_function_abc_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": '{"city":"Oslo"}'},
            }
        ],
    }
    assert body["choices"][0]["finish_reason"] == "tool_calls"
    assert body["system_fingerprint"] == "demo-m2"


def test_several_results_share_one_prompt() -> None:
    events: list[Event] = [
        TextDelta(0, "a"),
        TextDelta(1, "b"),
        Finished(1, "stop", Usage(10, 2)),
        Finished(0, "length", Usage(10, 3)),
    ]
    body = whole(events, n=2)
    assert [(c["index"], c["message"]["content"], c["finish_reason"]) for c in body["choices"]] == [
        (0, "a", "length"),
        (1, "b", "stop"),
    ]
    assert (body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"]) == (10, 5)


def test_content_is_null_where_only_calls_came() -> None:
    events: list[Event] = [ToolCallStarted(0, 0, "x", "t"), ToolCallDelta(0, 0, "{}"), Finished(0, "tool_calls")]
    assert whole(events)["choices"][0]["message"]["content"] is None


def test_logprobs() -> None:
    token = TokenLogprob("é", -0.5, "é".encode(), (("é", -0.5), ("e", -1.0)))
    events: list[Event] = [TextDelta(0, "é", 0, (token,)), Finished(0, "stop")]
    expected = {
        "token": "é",
        "logprob": -0.5,
        "bytes": [195, 169],
        "top_logprobs": [
            {"token": "é", "logprob": -0.5, "bytes": [195, 169]},
            {"token": "e", "logprob": -1.0, "bytes": [101]},
        ],
    }
    assert whole(events)["choices"][0]["logprobs"]["content"] == [expected]
    assert frames(stream(events))[1]["choices"][0]["logprobs"]["content"] == [expected]


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (InvalidRequest("x", param="n"), 400, "invalid_request_error", "invalid_request"),
        (ContextOverflow("x"), 400, "invalid_request_error", "context_length_exceeded"),
        (UnknownModel("x"), 404, "invalid_request_error", "model_not_found"),
        (Unauthorized("x"), 401, "authentication_error", "invalid_api_key"),
        (Overloaded("x"), 503, "server_error", "overloaded"),
        (EngineUnavailable("x"), 503, "server_error", "engine_unavailable"),
        (EngineCrashed("x"), 502, "server_error", "engine_crashed"),
        (InternalError("x"), 500, "server_error", "internal_error"),
    ],
)
def test_errors(error: Error, status: int, kind: str, code: str) -> None:
    got, body = error_body(error)
    assert got == status
    assert json.loads(body) == {"error": {"message": "x", "type": kind, "param": error.param, "code": code}}
    assert (
        OpenAIChatAdapter().error_event(error, RequestContext("0" * 24, 0))
        == b"data: " + body + b"\n\ndata: [DONE]\n\n"
    )


def test_every_error_class_has_a_place() -> None:
    def classes(root: type[Error]) -> list[type[Error]]:
        return [root, *(kind for child in root.__subclasses__() for kind in classes(child))]

    from maxserve.chat import RequestError

    for kind in classes(Error):
        status, _ = error_body(kind("x"))
        assert (400 <= status < 500) == issubclass(kind, RequestError)
