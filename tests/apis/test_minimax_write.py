"""Whole answers and streams in MiniMax's envelope are the same answer, key by key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.minimax import MinimaxStream, chat_body, trace_id
from maxserve.chat import (
    CompletionBuilder,
    Event,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)

TOLD: list[Event] = [
    Started("demo-m2"),
    ReasoningDelta(0, "Where "),
    ReasoningDelta(0, "is it?"),
    TextDelta(0, "Here — "),
    TextDelta(0, '"there".'),
    ToolCallStarted(0, 0, "call_function_abcdefghijkl_1", "look"),
    ToolCallDelta(0, 0, '{"place":'),
    ToolCallDelta(0, 0, '"Oslo"}'),
    Finished(0, "tool_calls", Usage(10, 20, 4, 6)),
]
SENSITIVE = {
    "input_sensitive": False,
    "output_sensitive": False,
    "input_sensitive_type": 0,
    "output_sensitive_type": 0,
    "output_sensitive_int": 0,
}
USAGE = {
    "total_tokens": 30,
    "prompt_tokens": 10,
    "completion_tokens": 20,
    "total_characters": 0,
    "completion_tokens_details": {"reasoning_tokens": 6},
    "prompt_tokens_details": {"cached_tokens": 4},
}
DETAIL = {"type": "reasoning.text", "id": "reasoning-text-1", "format": "MiniMax-response-v1", "index": 0}
CALL = {
    "id": "call_function_abcdefghijkl_1",
    "type": "function",
    "function": {"name": "look", "arguments": '{"place":"Oslo"}'},
    "index": 0,
}
FIXED: dict[str, Any] = {"id": "0" * 32, "created": 1780336093, "model": "MiniMax-M2.7"}


def whole(events: list[Event], *, split: bool = True, family: str = "m2", n: int = 1) -> Any:
    builder = CompletionBuilder(n)
    builder.add(events)
    return json.loads(chat_body(builder.result(), **FIXED, family=family, split=split))


def stream(events: list[Event], *, family: str = "m2", n: int = 1, **options: bool) -> list[Any]:
    options = {"include_usage": False, "split": True} | options
    writer = MinimaxStream(**FIXED, family=family, n=n, **options)
    text = writer.start() + b"".join(writer.write([event]) for event in events) + writer.end()
    *parts, done, rest = text.decode().split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def deltas(chunks: list[Any]) -> list[Any]:
    return [chunk["choices"][0]["delta"] for chunk in chunks]


def test_the_envelope() -> None:
    body = whole(TOLD)
    assert list(body) == [
        "id", "choices", "created", "model", "object", "usage", "input_sensitive", "output_sensitive", "base_resp",
        "input_sensitive_type", "output_sensitive_type", "output_sensitive_int",
    ]  # fmt: skip
    assert body == FIXED | SENSITIVE | {
        "object": "chat.completion",
        "usage": USAGE,
        "base_resp": {"status_code": 0, "status_msg": ""},
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": 'Here — "there".',
                    "name": "MiniMax AI",
                    "audio_content": "",
                    "reasoning_content": "Where is it?",
                    "reasoning_details": [DETAIL | {"text": "Where is it?"}],
                    "tool_calls": [CALL],
                },
                "finish_reason": "tool_calls",
            }
        ],
    }
    assert list(body["choices"][0]["message"]["tool_calls"][0])[-1] == "index"


def test_split_without_a_thought_has_an_empty_one_and_no_details() -> None:
    message = whole([TextDelta(0, "Hi"), Finished(0, "stop")], family="m3")["choices"][0]["message"]
    assert message["reasoning_content"] == ""
    assert "reasoning_details" not in message


@pytest.mark.parametrize(("family", "end"), [("m2", "\n</think>\n\n"), ("m3", "\n</think>\n")])
def test_unsplit_thoughts_open_the_content(family: str, end: str) -> None:
    expected = f'<think>\nWhere is it?{end}Here — "there".'
    message = whole(TOLD, split=False, family=family)["choices"][0]["message"]
    assert list(message) == ["role", "content", "name", "audio_content", "tool_calls"]
    assert message["content"] == expected
    streamed = deltas(stream(TOLD, split=False, family=family))
    assert "".join(delta["content"] for delta in streamed) == expected
    assert not any("reasoning_content" in delta for delta in streamed)


def test_content_is_empty_where_only_calls_came() -> None:
    events: list[Event] = [ToolCallStarted(0, 0, "x", "t"), ToolCallDelta(0, 0, "{}"), Finished(0, "tool_calls")]
    assert whole(events)["choices"][0]["message"]["content"] == ""


def test_chunks() -> None:
    chunks = stream(TOLD)
    for chunk in chunks:
        assert list(chunk) == ["id", "choices", "created", "model", "object", "usage", *SENSITIVE]
        assert chunk == FIXED | SENSITIVE | {
            "object": "chat.completion.chunk",
            "choices": chunk["choices"],
            "usage": None,
        }
        (choice,) = chunk["choices"]
        assert list(choice)[:2] == ["index", "delta"]
        assert list(choice["delta"])[:4] == ["content", "role", "name", "audio_content"]
        assert choice["delta"] | {"role": "assistant", "name": "MiniMax AI", "audio_content": ""} == choice["delta"]
    assert ["finish_reason" in chunk["choices"][0] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_chunks_together_are_the_whole_answer() -> None:
    said = whole(TOLD)["choices"][0]["message"]
    streamed = deltas(stream(TOLD))
    assert "".join(delta["content"] for delta in streamed) == said["content"]
    assert "".join(delta.get("reasoning_content", "") for delta in streamed) == said["reasoning_content"]
    details = [delta["reasoning_details"][0] for delta in streamed if "reasoning_details" in delta]
    assert all(list(detail) == [*DETAIL, "text"] for detail in details)
    assert "".join(detail["text"] for detail in details) == said["reasoning_content"]
    first, *rest = [delta["tool_calls"][0] for delta in streamed if "tool_calls" in delta]
    assert first == CALL | {"function": {"name": "look", "arguments": ""}}
    assert {tuple(call) for call in rest} == {("function", "index")}
    assert "".join(call["function"]["arguments"] for call in rest) == CALL["function"]["arguments"]  # type: ignore[index]


def test_cumulative_details_beside_incremental_content() -> None:
    thoughts = [delta for delta in deltas(stream(TOLD, cumulative=True)) if "reasoning_details" in delta]
    assert [delta["reasoning_details"][0]["text"] for delta in thoughts] == ["Where ", "Where is it?"]
    assert [delta["reasoning_content"] for delta in thoughts] == ["Where ", "is it?"]


def test_usage_in_a_chunk_without_choices() -> None:
    *chunks, last = stream(TOLD, include_usage=True)
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last == FIXED | {
        "choices": [],
        "object": "chat.completion.chunk",
        "usage": USAGE,
        "base_resp": {"status_code": 0, "status_msg": ""},
    }


@pytest.mark.parametrize("split", [True, False])
def test_the_final_frame_is_the_whole_answer(split: bool) -> None:
    *_, last = stream(TOLD, split=split, final_frame=True)
    assert last == whole(TOLD, split=split)


def test_usage_comes_after_the_final_frame() -> None:
    *_, final, usage = stream(TOLD, final_frame=True, include_usage=True)
    assert (final["object"], usage["choices"]) == ("chat.completion", [])


def test_several_results() -> None:
    events: list[Event] = [
        ReasoningDelta(1, "hm"),
        TextDelta(0, "a"),
        TextDelta(1, "b"),
        Finished(1, "stop", Usage(10, 2)),
        Finished(0, "length", Usage(10, 3)),
    ]
    choices = [chunk["choices"][0] for chunk in stream(events, n=2, split=False)]
    texts = ["".join(choice["delta"]["content"] for choice in choices if choice["index"] == i) for i in range(2)]
    assert texts == ["a", "<think>\nhm\n</think>\n\nb"]
    body = whole(events, n=2, split=False)
    assert [(choice["message"]["content"], choice["finish_reason"]) for choice in body["choices"]] == [
        (texts[0], "length"),
        (texts[1], "stop"),
    ]
    assert body["usage"]["completion_tokens"] == 5


def test_probabilities_where_they_were_asked_for() -> None:
    events: list[Event] = [TextDelta(0, "é", 0, (TokenLogprob("é", -0.5, "é".encode()),)), Finished(0, "stop")]
    (choice,) = whole(events)["choices"]
    assert list(choice) == ["index", "message", "logprobs", "finish_reason"]
    chunk = stream(events)[0]["choices"][0]
    assert list(chunk) == ["index", "delta", "logprobs"]
    assert chunk["logprobs"] == choice["logprobs"]
    assert choice["logprobs"]["content"][0]["bytes"] == [195, 169]


def test_ids_begin_with_the_seconds_since_2023() -> None:
    # A sample of the vendor's: id 066cf8dd…, created 1780336093.
    assert trace_id(RequestContext("69cbfedefa3ee5b16006f2bd", 1780336093)) == "066cf8dd69cbfedefa3ee5b16006f2bd"
    assert trace_id(RequestContext("f" * 24, 0)) == trace_id(RequestContext("f" * 24, 2**32)), (
        "a clock before 2023 is no error"
    )
