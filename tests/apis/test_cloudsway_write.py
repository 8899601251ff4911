"""Frames and whole answers are the same text in Cloudsway's shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudsway import (
    CloudswayChatAdapter,
    CloudswayModels,
    CloudswayStream,
    chat_body,
    deployed,
    error_body,
)
from maxserve.catalogue import Catalogue
from maxserve.chat import (
    BodyTooLarge,
    CompletionBuilder,
    ContextOverflow,
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Event,
    Finished,
    Forbidden,
    InternalError,
    InvalidRequest,
    NotFound,
    Overloaded,
    RateLimited,
    ReasoningDelta,
    RequestError,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Unauthorized,
    UnknownModel,
    Unsupported,
    Usage,
)

THOUGHT = 'The user\nasks "why".'
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
USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 20,
    "total_tokens": 30,
    "completion_tokens_details": {
        "accepted_prediction_tokens": 0,
        "audio_tokens": 0,
        "image_tokens": 0,
        "reasoning_tokens": 6,
        "rejected_prediction_tokens": 0,
    },
    "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 4, "image_tokens": 0},
}


def stream(events: list[Event], *, include_usage: bool = False, split: bool = True) -> list[Any]:
    writer = CloudswayStream(id="chatcmpl-1", created=1, model="MaaS_x", include_usage=include_usage, split=split)
    parts = (writer.start() + writer.write(events) + writer.end()).decode().split("\n\n")
    assert parts.pop() == ""
    assert parts.pop() == "data: [DONE]"
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def whole(events: list[Event], *, split: bool = True) -> bytes:
    builder = CompletionBuilder()
    builder.add(events)
    return chat_body(builder.result(), id="chatcmpl-1", created=1, model="MaaS_x", split=split)


def test_a_whole_answer_to_the_byte() -> None:
    assert whole([*TOLD[:5], Finished(0, "stop", Usage(10, 20, 4, 6))]).decode() == (
        '{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"Because — so.",'
        '"reasoning_details":[{"type":"reasoning.text","text":"The user\\nasks \\"why\\".","signature":null}]},'
        '"finish_reason":"stop","native_finish_reason":"stop"}],"created":1,"model":"MaaS_x",'
        '"object":"chat.completion","usage":' + json.dumps(USAGE, separators=(",", ":")) + "}"
    )


def test_without_split_there_is_no_trace_of_the_thought() -> None:
    message = json.loads(whole(TOLD, split=False))["choices"][0]["message"]
    assert list(message) == ["role", "content", "tool_calls"]
    assert message["content"] == "Because — so."
    chunks = stream(TOLD, split=False)
    assert not any("reason" in key for chunk in chunks for key in chunk["choices"][0]["delta"])
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Because — so."


def test_a_thought_that_did_not_happen_has_no_field() -> None:
    message = json.loads(whole([TextDelta(0, "x"), Finished(0, "stop")]))["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "x"}


def test_a_stream_says_what_the_whole_answer_says() -> None:
    chunks = stream(TOLD)
    assert {tuple(chunk) for chunk in chunks} == {("id", "choices", "created", "model", "object")}
    choices = [chunk["choices"][0] for chunk in chunks]
    assert {tuple(choice) for choice in choices} == {("index", "delta", "finish_reason", "native_finish_reason")}
    deltas = [choice["delta"] for choice in choices]
    message = json.loads(whole(TOLD))["choices"][0]["message"]
    assert [delta["role"] for delta in deltas if "role" in delta] == ["assistant"]
    assert "".join(delta.get("content", "") for delta in deltas) == message["content"]
    details = [delta["reasoning_details"][0] for delta in deltas if "reasoning_details" in delta]
    assert "".join(detail["text"] for detail in details) == message["reasoning_details"][0]["text"] == THOUGHT
    assert [list(detail) for detail in details] == [["type", "text", "signature"]] * 2
    calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert calls[0]["id"] == message["tool_calls"][0]["id"]
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert arguments == message["tool_calls"][0]["function"]["arguments"] == '{"city":"Oslo"}'
    reasons = [(choice["finish_reason"], choice["native_finish_reason"]) for choice in choices]
    assert reasons == [(None, None)] * (len(choices) - 1) + [("tool_calls", "tool_calls")]
    assert deltas[-1] == {}


def test_usage_in_a_stream_only_on_request() -> None:
    assert all("usage" not in chunk for chunk in stream(TOLD))
    *chunks, last = stream(TOLD, include_usage=True)
    assert all(chunk["usage"] is None for chunk in chunks)
    assert list(last) == ["id", "choices", "created", "model", "object", "usage"]
    assert (last["choices"], last["usage"]) == ([], USAGE)
    assert list(last["usage"]) == list(USAGE)


def test_probabilities_where_they_were_asked_for() -> None:
    events: list[Event] = [
        TextDelta(0, "hi", logprobs=(TokenLogprob("hi", -0.5, b"hi", (("hi", -0.5),)),)),
        Finished(0, "stop"),
    ]
    choice = json.loads(whole(events))["choices"][0]
    assert list(choice) == ["index", "message", "logprobs", "finish_reason", "native_finish_reason"]
    streamed = stream(events)[1]["choices"][0]
    assert streamed["delta"] == {"content": "hi"}
    assert streamed["logprobs"] == choice["logprobs"]
    assert choice["logprobs"]["content"][0]["logprob"] == -0.5


def test_a_call_without_words_has_null_content() -> None:
    message = json.loads(whole(TOLD[5:]))["choices"][0]["message"]
    assert message["content"] is None


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidRequest("x", param="n"), 400, "invalid_request"),
        (Unsupported("x"), 400, "unsupported"),
        (ContextOverflow("x"), 400, "context_length_exceeded"),
        (BodyTooLarge("x"), 400, "body_too_large"),
        (Unauthorized("x"), 401, "invalid_api_key"),
        (Forbidden("x"), 403, "forbidden"),
        (UnknownModel("x"), 404, "model_not_found"),
        (NotFound("x"), 404, "not_found"),
        (RateLimited("x"), 429, "rate_limit_exceeded"),
        (InternalError("x"), 500, "internal_error"),
        (EngineCrashed("x"), 500, "engine_crashed"),
        (EngineRefused("x"), 500, "engine_refused"),
        (EngineError("x"), 500, "engine_error"),
        (Overloaded("x"), 503, "overloaded"),
        (EngineUnavailable("x"), 503, "engine_unavailable"),
        (EngineTimeout("x"), 504, "engine_timeout"),
    ],
)
def test_errors_have_the_statuses_of_the_page(error: Error, status: int, code: str) -> None:
    got, body = error_body(error)
    fault = json.loads(body)["error"]
    assert (got, fault["code"], fault["message"], fault["param"]) == (status, code, "x", error.param)
    assert list(fault) == ["message", "type", "param", "code"]


def test_every_class_has_a_status_that_the_vendor_documents() -> None:
    def classes(root: type[Error]) -> list[type[Error]]:
        return [root, *(kind for child in root.__subclasses__() for kind in classes(child))]

    for kind in classes(Error):
        status, _ = error_body(kind("x"))
        assert status in (400, 401, 403, 404, 409, 429, 500, 503, 504)
        assert (status < 500) == issubclass(kind, RequestError)


def test_an_error_ends_a_stream_that_had_begun() -> None:
    frames = (
        CloudswayChatAdapter().error_event(EngineCrashed("gone"), RequestContext("0" * 24, 0)).decode().split("\n\n")
    )
    assert json.loads(frames[0].removeprefix("data: "))["error"]["message"] == "gone"
    assert frames[1:] == ["data: [DONE]", ""]


def test_the_deployed_id_is_the_vendor_s_first_name() -> None:
    catalogue = Catalogue.load()
    assert deployed(catalogue.resolve("MiniMax-M2.7")) == "MaaS_Minimax_M2.7_20260318"
    assert deployed(catalogue.resolve("MiniMax-M2.5")) == "MaaS_MiniMax_M2.5"
    assert deployed(catalogue.resolve("minimax/m3")) == "MiniMax-M3"


def test_the_list_has_the_page_s_names_and_the_deployed_ones() -> None:
    form = CloudswayModels(Catalogue.load())
    listed = json.loads(form.all({}))
    assert list(listed) == ["object", "data"]
    names = [entry["id"] for entry in listed["data"]]
    page = {"MiniMax-M2.5", "MiniMax-M2.7", "MiniMax-M2.5-highspeed", "MiniMax-M2.7-highspeed"}
    assert page | {"MaaS_Minimax_M2.7_20260318"} <= set(names)
    assert all(name in page or name.startswith("MaaS_") for name in names)
    first = listed["data"][0]
    assert first == {"id": "MiniMax-M2.7", "created": "1773799200", "object": "model", "owned_by": "system"}
    assert list(first) == ["id", "created", "object", "owned_by"]
