"""Whole answers and streams of Cloudflare's: the same answer, to the byte where the vendor's samples say so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext, ResponseContext
from maxserve.apis.cloudflare.response import chat_body, enveloped
from maxserve.apis.cloudflare.stream import CloudflareStream
from maxserve.catalogue import Catalogue
from maxserve.chat import (
    CompletionBuilder,
    Event,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)

ARRIVAL = RequestContext("35f4165386f2b55063571264", 1_795_230_000)
DETAIL = '{"type":"reasoning.text","id":"reasoning-text-1","format":"MiniMax-response-v1","index":0,"text":"Eleven."}'
HARMLESS = (
    '"input_sensitive":false,"output_sensitive":false,{}"input_sensitive_type":0,"output_sensitive_type":0,'
    '"output_sensitive_int":0'
)
TOLD: list[Event] = [
    Started("demo"),
    ReasoningDelta(0, "Ele"),
    ReasoningDelta(0, "ven."),
    TextDelta(0, "11"),
    Finished(0, "stop", Usage(48, 15, 12, 12)),
]
CALLED: list[Event] = [
    ToolCallStarted(0, 0, "call_function_abcdefghijkl_1", "look"),
    ToolCallDelta(0, 0, '{"place":'),
    ToolCallDelta(0, 0, '"Oslo"}'),
    Finished(0, "tool_calls", Usage(10, 20)),
]


def reply(model: str) -> ResponseContext:
    return ResponseContext(ARRIVAL, Catalogue.load().resolve(model), "demo")


def whole(model: str, events: list[Event], n: int = 1) -> str:
    builder = CompletionBuilder(n)
    builder.add(events)
    return chat_body(builder.result(), reply(model)).decode()


def chunks(model: str, events: list[Event], n: int = 1, include_usage: bool = False) -> list[Any]:
    stream = CloudflareStream(reply(model), n=n, include_usage=include_usage)
    text = (stream.start() + b"".join(stream.write([event]) for event in events) + stream.end()).decode()
    *frames, done, rest = text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


@pytest.mark.parametrize(
    ("model", "name", "details"),
    [
        ("minimax/m2.7", "MiniMax-M2.7", '"completion_tokens_details":{"reasoning_tokens":12}'),
        ("minimax/m3", "MiniMax-M3", '"prompt_tokens_details":{"cached_tokens":12}'),
    ],
)
def test_a_whole_answer_to_the_byte(model: str, name: str, details: str) -> None:
    expected = (
        '{"id":"07503c3035f4165386f2b55063571264","choices":[{"index":0,"message":{"role":"assistant","content":"11",'
        '"name":"MiniMax AI","audio_content":"","reasoning_content":"Eleven.","reasoning_details":['
        + DETAIL
        + ']},"finish_reason":"stop"}],"created":1795230000,"model":"'
        + name
        + '","object":"chat.completion","usage":{"total_tokens":63,"prompt_tokens":48,"completion_tokens":15,'
        + '"total_characters":0,'
        + details
        + "},"
        + HARMLESS.format('"base_resp":{"status_code":0,"status_msg":""},')
        + ',"gatewayMetadata":{"keySource":"Unified"}}'
    )
    assert whole(model, TOLD) == expected
    assert enveloped(b"{}") == b'{"result":{},"success":true,"errors":[],"messages":[]}'


def test_an_answer_without_a_thought_has_no_details() -> None:
    message = json.loads(whole("minimax/m3", [TextDelta(0, "Use 11."), Finished(0, "stop")]))["choices"][0]["message"]
    assert message == {
        "role": "assistant", "content": "Use 11.", "name": "MiniMax AI", "audio_content": "", "reasoning_content": "",
    }  # fmt: skip


def test_calls_are_whole_and_in_pieces_the_same() -> None:
    choice = json.loads(whole("minimax/m2.7", CALLED))["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", "")
    pieces = [
        piece for chunk in chunks("minimax/m2.7", CALLED)
        for piece in chunk["choices"][0]["delta"].get("tool_calls", ())
    ]  # fmt: skip
    assert pieces[0] == {**call, "function": {"name": "look", "arguments": ""}}
    assert all(set(piece) == {"index", "function"} for piece in pieces[1:])
    assert "".join(piece["function"]["arguments"] for piece in pieces) == call["function"]["arguments"]


def test_usage_is_on_the_last_chunk_whether_asked_for_or_not() -> None:
    usage = json.loads(whole("minimax/m3", TOLD))["usage"]
    quiet = chunks("minimax/m3", TOLD)
    assert [chunk["usage"] for chunk in quiet] == [None, None, None, usage]
    assert [("gatewayMetadata" in chunk) for chunk in quiet] == [False, False, False, True]
    asked = chunks("minimax/m3", TOLD, include_usage=True)
    assert [chunk["usage"] for chunk in asked] == [None, None, None, usage, usage]
    assert [("gatewayMetadata" in chunk) for chunk in asked] == [False, False, False, False, True]
    assert (asked[-1]["choices"], asked[-2]["choices"][0]["finish_reason"]) == ([], "stop")


def test_every_chunk_says_who_speaks_and_which_result_it_is() -> None:
    for chunk in chunks("minimax/m2.7", TOLD):
        assert list(chunk)[:6] == ["id", "choices", "created", "model", "object", "usage"]
        (choice,) = chunk["choices"]
        assert choice["index"] == 0
        assert (choice["delta"]["role"], choice["delta"]["name"]) == ("assistant", "MiniMax AI")
    thought = [chunk["choices"][0]["delta"] for chunk in chunks("minimax/m2.7", TOLD)[:2]]
    assert [delta["reasoning_details"][0]["text"] for delta in thought] == ["Ele", "ven."]


def test_of_several_results_the_last_to_end_counts_for_all() -> None:
    events: list[Event] = [
        TextDelta(0, "a"), TextDelta(1, "b"), Finished(1, "stop", Usage(10, 3)), Finished(0, "length", Usage(10, 4)),
    ]  # fmt: skip
    ends = [chunk for chunk in chunks("minimax/m3", events, n=2) if chunk["choices"][0].get("finish_reason")]
    assert [end["usage"] and end["usage"]["completion_tokens"] for end in ends] == [None, 7]
    assert ["gatewayMetadata" in end for end in ends] == [False, True]
