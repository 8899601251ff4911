"""Frames and whole answers are the same message in Anthropic's shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.apis.anthropic import MessagesAdapter, MessageStream, Signer, count_body
from maxserve.apis.anthropic.response import message_body
from maxserve.chat import (
    CompletionBuilder,
    Event,
    Finished,
    FinishReason,
    Progress,
    ReasoningDelta,
    Started,
    TextDelta,
    Tool,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from maxserve.families.m2_reader import M2Reader
from maxserve.families.m3_reader import M3Reader
from tests.families.reading import cut

from .messages import completion, frames

SIGNER = Signer(b"secret")
TOLD: list[Event] = [
    Started("demo-m2"),
    Progress(10, 10, 4),
    ReasoningDelta(0, "The user\n"),
    ReasoningDelta(0, 'asks "why".'),
    TextDelta(0, "Because — "),
    TextDelta(0, "so."),
    ToolCallStarted(0, 0, "call_function_abc_1", "get_weather"),
    ToolCallDelta(0, 0, '{"city":'),
    ToolCallDelta(0, 0, '"Oslo"}'),
    Finished(0, "tool_calls", Usage(10, 20, 4, 6)),
]
THOUGHT = 'The user\nasks "why".'


def stream(*batches: list[Event], shown: bool = True) -> bytes:
    writer = MessageStream(id="msg_1", model="MiniMax-M2.7", signer=SIGNER, shown=shown)
    written = [writer.write(batch) for batch in batches]
    return writer.start() + b"".join(written) + writer.end()


def whole(events: list[Event], *, shown: bool = True) -> Any:
    builder = CompletionBuilder()
    builder.add(events)
    return json.loads(message_body(builder.result(), id="msg_1", model="MiniMax-M2.7", signer=SIGNER, shown=shown))


def test_frames_in_anthropics_order() -> None:
    assert [event for event, _ in frames(stream(TOLD))] == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_whole_answer_is_the_stream_gathered() -> None:
    body = whole(TOLD)
    assert body == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "MiniMax-M2.7",
        "content": [
            {"type": "thinking", "thinking": THOUGHT, "signature": SIGNER.sign(THOUGHT)},
            {"type": "text", "text": "Because — so."},
            {"type": "tool_use", "id": "call_function_abc_1", "name": "get_weather", "input": {"city": "Oslo"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 6,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 4,
            "output_tokens": 20,
            "output_tokens_details": {"thinking_tokens": 6},
            "service_tier": "standard",
        },
    }
    assert completion(stream(TOLD)) == body


def test_counts_that_are_known_come_first() -> None:
    usage = frames(stream(TOLD))[0][1]["message"]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (6, 4, 0)
    usage = frames(stream(TOLD[2:]))[0][1]["message"]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"]) == (0, 0)


def test_thoughts_that_are_not_shown_travel_in_their_signatures() -> None:
    body = whole(TOLD, shown=False)
    assert completion(stream(TOLD, shown=False)) == body
    block = body["content"][0]
    assert (block["type"], block["thinking"]) == ("thinking", "")
    assert SIGNER.verified("", block["signature"]) == THOUGHT
    assert b"asks" not in stream(TOLD, shown=False)


def test_a_signature_is_64_hex_digits_and_the_same_over_restarts() -> None:
    signature = SIGNER.sign("x")
    assert len(bytes.fromhex(signature)) == 32
    assert Signer(b"secret").verified("x", signature) == "x"
    assert Signer(b"other").verified("x", signature) is None


@pytest.mark.parametrize(
    ("reason", "stop", "expected"),
    [
        ("stop", None, "end_turn"),
        ("stop", "END", "stop_sequence"),
        ("length", None, "max_tokens"),
        ("tool_calls", None, "tool_use"),
    ],
)
def test_stop_reasons(reason: FinishReason, stop: str | None, expected: str) -> None:
    events: list[Event] = [TextDelta(0, "a"), Finished(0, reason, Usage(3, 2), stop)]
    body = whole(events)
    assert (body["stop_reason"], body["stop_sequence"]) == (expected, stop)
    assert completion(stream(events)) | {"usage": None} == body | {"usage": None}


def test_an_empty_answer_has_no_blocks() -> None:
    events: list[Event] = [Finished(0, "stop", Usage(3, 1))]
    assert whole(events)["content"] == completion(stream(events))["content"] == []


def test_the_door() -> None:
    assert MessagesAdapter(b"x").keep_alive == b'event: ping\ndata: {"type":"ping"}\n\n'
    assert count_body(12) == b'{"input_tokens":12}'


def _id(call: int) -> str:
    return f"call_function_abc_{call + 1}"


TOOLS = [Tool("get_weather", "w", {"type": "object", "properties": {"city": {"type": "string"}}})]
M2 = """\
The user wants both.
</think>

Let me look: é — "quoted".
<minimax:tool_call>
<invoke name="get_weather">
<parameter name="city">Oslo</parameter>
</invoke>
</minimax:tool_call>
<think>
And the other.</think>
Now the second.
<minimax:tool_call>
<invoke name="get_weather">
<parameter name="city">Paris</parameter>
</invoke>
<invoke name="get_time">
</invoke>
</minimax:tool_call>
Done[e~["""
N = "]<]minimax[>["
M3 = f"""\
<mm:think>Both, then.</mm:think>Looking.{N}<tool_call>
{N}<invoke name="get_weather">{N}<city>Oslo{N}</city>{N}</invoke>
{N}<invoke name="get_weather">{N}<city>Paris{N}</city>{N}</invoke>
{N}</tool_call>That was it.[e~["""


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12), model=st.sampled_from(["m2", "m3"]))
def test_whatever_the_chunking_stream_and_whole_tell_the_same(sizes: list[int], model: str) -> None:
    reader = (M2Reader if model == "m2" else M3Reader)("open" if model == "m2" else "free", TOOLS, ids=_id)
    batches = [reader.feed(piece) for piece in cut(M2 if model == "m2" else M3, sizes)]
    last: list[Event] = [*reader.finish(), Finished(0, "tool_calls", Usage(9, 8, 7, 6))]
    batches.append(last)
    body = whole([event for batch in batches for event in batch])
    told = completion(stream(*batches))
    assert told == body
    kinds = [block["type"] for block in body["content"]]
    if model == "m2":
        assert kinds == ["thinking", "text", "tool_use", "thinking", "text", "tool_use", "tool_use", "text"]
        assert [block["input"] for block in body["content"] if block["type"] == "tool_use"] == [
            {"city": "Oslo"},
            {"city": "Paris"},
            {},
        ]
    else:
        assert kinds == ["thinking", "text", "tool_use", "tool_use", "text"]
    assert all(SIGNER.verified(b["thinking"], b["signature"]) for b in body["content"] if b["type"] == "thinking")
