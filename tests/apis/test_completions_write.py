"""Frames and whole completions are the same text in OpenAI's legacy shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext, ResponseContext
from maxserve.apis.completions import CompletionsAdapter
from maxserve.catalogue import Catalogue
from maxserve.chat import (
    CompletionBuilder,
    EngineCrashed,
    Event,
    Finished,
    Overloaded,
    Started,
    TextDelta,
    TokenLogprob,
    Usage,
)

ARRIVAL = RequestContext("0123456789abcdef01234567", 1_795_219_200)
REPLY = ResponseContext(ARRIVAL, Catalogue.load().resolve("minimax/m2.7"), "demo-m2")
DOOR = CompletionsAdapter()
TOLD: list[Event] = [
    Started("demo-m2"),
    TextDelta(1, "Er "),
    TextDelta(0, "Because — "),
    TextDelta(0, '"so".'),
    Finished(0, "stop", Usage(10, 20, 4)),
    TextDelta(1, "weiß"),
    Finished(1, "length", Usage(7, 2)),
]
HEAD = (
    '{"id":"cmpl-0123456789abcdef01234567","object":"text_completion","created":1795219200,"model":"minimax/m2.7",'
    '"system_fingerprint":"demo-m2","choices":['
)


def ask(**fields: Any) -> Any:
    return DOOR.read(json.dumps({"model": "minimax/m2.7", "prompt": ["a", "b"], **fields}).encode(), ARRIVAL)


def whole(events: list[Event], **fields: Any) -> Any:
    asked = ask(**fields)
    builder = CompletionBuilder(asked.request.results, asked.request.n)
    builder.add(events)
    return asked.write_json(builder.result(), REPLY).decode()


def stream(events: list[Event], **fields: Any) -> list[str]:
    writer = ask(stream=True, **fields).stream_writer(REPLY)
    parts = (writer.start() + b"".join(writer.write([event]) for event in events) + writer.end()).decode().split("\n\n")
    assert parts[-2:] == ["data: [DONE]", ""]
    return [part.removeprefix("data: ") for part in parts[:-2]]


def test_the_whole_body() -> None:
    assert whole(TOLD) == HEAD + (
        '{"text":"Because — \\"so\\".","index":0,"logprobs":null,"finish_reason":"stop"},'
        '{"text":"Er weiß","index":1,"logprobs":null,"finish_reason":"length"}],'
        '"usage":{"prompt_tokens":17,"completion_tokens":22,"total_tokens":39,'
        '"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":0}}}'
    )


def test_the_frames() -> None:
    assert stream(TOLD) == [
        HEAD + '{"text":"Er ","index":1,"logprobs":null,"finish_reason":null}]}',
        HEAD + '{"text":"Because — ","index":0,"logprobs":null,"finish_reason":null}]}',
        HEAD + '{"text":"\\"so\\".","index":0,"logprobs":null,"finish_reason":null}]}',
        HEAD + '{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}]}',
        HEAD + '{"text":"weiß","index":1,"logprobs":null,"finish_reason":null}]}',
        HEAD + '{"text":"","index":1,"logprobs":null,"finish_reason":"length"}]}',
    ]


def test_usage_comes_last_where_it_was_asked_for() -> None:
    *frames, last = (json.loads(frame) for frame in stream(TOLD, stream_options={"include_usage": True}))
    assert {frame["usage"] for frame in frames} == {None}
    assert last["choices"] == []
    assert last["usage"] == json.loads(whole(TOLD))["usage"]


def token(text: bytes, logprob: float, *top: tuple[str, float]) -> TokenLogprob:
    return TokenLogprob(text.decode("utf-8", "replace"), logprob, text, top)


# "a", then a giraffe in two tokens, then "b"; the third is not among the best.
TOKENS = (
    token(b"a", -0.5, ("a", -0.5), ("c", -1.0)),
    token(b"\xf0\x9f", -1.5),
    token(b"\xa6\x92", -0.25, ("x", -0.1)),
    token(b"b", -2.0, ("b", -2.0)),
)
PROBABLE: list[Event] = [
    TextDelta(0, "a", 0, TOKENS[:1]),
    TextDelta(0, "🦒", 1, TOKENS[1:3]),
    TextDelta(0, "b", 2, TOKENS[3:]),
    Finished(0, "stop", Usage(1, 4)),
    TextDelta(1, "b", 0, TOKENS[3:]),
    Finished(1, "stop", Usage(1, 1)),
]


def test_logprobs_in_the_old_form() -> None:
    first, second = json.loads(whole(PROBABLE, logprobs=1))["choices"]
    assert first["logprobs"] == {
        "tokens": ["a", "bytes:\\xf0\\x9f", "bytes:\\xa6\\x92", "b"],
        "token_logprobs": [-0.5, -1.5, -0.25, -2.0],
        "top_logprobs": [
            {"a": -0.5, "c": -1.0},
            {"bytes:\\xf0\\x9f": -1.5},
            {"x": -0.1, "bytes:\\xa6\\x92": -0.25},
            {"b": -2.0},
        ],
        "text_offset": [0, 1, 1, 2],
    }
    assert second["logprobs"]["text_offset"] == [0]


def test_streamed_logprobs_are_the_whole_ones_in_pieces() -> None:
    choices = [choice for frame in stream(PROBABLE, logprobs=1) for choice in json.loads(frame)["choices"]]
    for index, expected in enumerate(json.loads(whole(PROBABLE, logprobs=1))["choices"]):
        pieces = [choice["logprobs"] for choice in choices if choice["index"] == index and choice["logprobs"]]
        joined = {name: [item for piece in pieces for item in piece[name]] for name in pieces[0]}
        assert joined == expected["logprobs"]


def test_logprobs_of_no_tokens() -> None:
    ended: list[Event] = [Finished(0, "length"), Finished(1, "length")]
    empty: dict[str, list[Any]] = {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}
    assert json.loads(whole(ended, logprobs=0))["choices"][0]["logprobs"] == empty


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(Overloaded("Full.", retry_after=1), 503, "overloaded"), (EngineCrashed("Gone."), 502, "engine_crashed")],
)
def test_errors(error: Exception, status: int, code: str) -> None:
    got, body = DOOR.error(error, ARRIVAL)  # type: ignore[arg-type]
    assert (got, json.loads(body)["error"]["code"]) == (status, code)
    event = DOOR.error_event(error, ARRIVAL)  # type: ignore[arg-type]
    assert event == b"data: " + body + b"\n\ndata: [DONE]\n\n"
