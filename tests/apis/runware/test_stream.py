"""Streams (docs/wire/runware.md §5.4, §10.4)."""

from __future__ import annotations

import json
from typing import Any

from maxserve.apis.runware import RunwareStream, TaskLimits, TextInference
from maxserve.chat import Event, Finished, Progress, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted, Usage

from .tasks import CATALOGUE, ID, asked

HEAD = b'data: {"taskType":"textInference","taskUUID":"' + ID.encode() + b'","delta":{'
FIELD = TaskLimits(catalogue=CATALOGUE, reasoning="field")
COUNTED = {"includeCost": True, "includeUsage": True}


def written(task: TextInference, *events: Event) -> bytes:
    stream = RunwareStream(task)
    return stream.start() + b"".join(stream.write([event]) for event in events) + stream.end()


def chunks(data: bytes) -> list[dict[str, Any]]:
    *frames, done, rest = data.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    return [json.loads(frame.removeprefix(b"data: ")) for frame in frames]


def test_the_example() -> None:
    task = asked(FIELD, deliveryMethod="stream", seed=7, **COUNTED)
    assert task.stream
    data = written(
        task,
        Progress(1, 2),
        ReasoningDelta(0, "Next after 100 is…"),
        TextDelta(0, "101"),
        TextDelta(0, " is prime."),
        Finished(0, "stop", Usage(14, 9)),
    )
    assert data == (
        HEAD + '"reasoningContent":"Next after 100 is…"},"finishReason":null}\n\n'.encode()
        + HEAD + b'"text":"101"},"finishReason":null}\n\n'
        + HEAD + b'"text":" is prime."},"finishReason":null}\n\n'
        + HEAD + b'},"finishReason":"stop","usage":{"promptTokens":14,"completionTokens":9,"totalTokens":23},'
        b'"cost":0.000015,"seed":7}\n\n'
        b"data: [DONE]\n\n"
    )  # fmt: skip


def test_only_what_was_asked_for() -> None:
    (last,) = chunks(written(asked(seed=7), Finished(0, "length", Usage(14, 0))))
    assert last == {"taskType": "textInference", "taskUUID": ID, "delta": {}, "finishReason": "length", "seed": 7}


def test_a_thought_in_the_text_is_closed() -> None:
    told = chunks(
        written(
            asked(), ReasoningDelta(0, "Hm"), ReasoningDelta(0, "."), TextDelta(0, "101"), Finished(0, "stop"),
        )
    )  # fmt: skip
    texts = [chunk["delta"].get("text", "") for chunk in told]
    assert texts == ["<think>\nHm", ".", "\n</think>\n\n", "101", ""]
    cut = chunks(written(asked(), ReasoningDelta(0, "Hm"), Finished(0, "length")))
    assert "".join(chunk["delta"].get("text", "") for chunk in cut) == "<think>\nHm\n</think>\n\n"


def test_calls_come_whole() -> None:
    told = chunks(
        written(
            asked(FIELD),
            TextDelta(0, "Throwing."),
            ToolCallStarted(0, 0, "call_1", "dice"),
            ToolCallDelta(0, 0, '{"n":'),
            ToolCallDelta(0, 0, "\n2}"),
            ToolCallStarted(0, 1, "call_2", "coin"),
            ToolCallDelta(0, 1, "{}"),
            Finished(0, "tool_calls"),
        )
    )
    assert [chunk["delta"] for chunk in told] == [
        {"text": "Throwing."},
        {"tools": [{"id": "call_1", "name": "dice", "input": {"n": 2}}]},
        {"tools": [{"id": "call_2", "name": "coin", "input": {}}]},
        {},
    ]
    assert [chunk["finishReason"] for chunk in told] == [None, None, None, "tool_calls"]


def test_several_results_end_together() -> None:
    task = asked(FIELD, numberResults=2, seed=7, **COUNTED)
    told = chunks(
        written(
            task,
            TextDelta(0, "a"),
            Finished(0, "stop", Usage(14, 1)),
            TextDelta(1, "b"),
            Finished(1, "length", Usage(14, 9)),
        )
    )
    assert [chunk["resultIndex"] for chunk in told] == [0, 1, 0, 1]
    assert [chunk["finishReason"] for chunk in told] == [None, None, "stop", "length"]
    assert [chunk["seed"] for chunk in told[2:]] == [7, 8]
    assert [chunk["cost"] for chunk in told[2:]] == [0.0000033, 0.0000129]


def test_a_batch_with_nothing_to_show_is_empty() -> None:
    stream = RunwareStream(asked())
    assert stream.start() == b""
    assert stream.write([Progress(1, 2), ToolCallStarted(0, 0, "a", "x"), ToolCallDelta(0, 0, "{}")]) == b""
