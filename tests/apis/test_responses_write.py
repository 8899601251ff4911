"""What a response looks like, streamed and whole, from raw model output through the real service.

`transcripts/responses_*.sse` are whole streams, byte for byte. Run with UPDATE_TRANSCRIPTS=1 to write them anew, and
read what has changed.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.apis.adapter import RequestContext, ResponseContext
from maxserve.apis.responses import ParsedResponses, ResponsesAdapter, Sealer
from maxserve.catalogue import Catalogue
from maxserve.chat import (
    CompletionBuilder,
    ContextOverflow,
    EngineCrashed,
    Error,
    Event,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Unsupported,
    Usage,
)
from maxserve.service import Service
from tests.service.replay import Replay, end, read_prompt, said

from .test_responses_read import PATCH, WEATHER

FOLDER = Path(__file__).parent / "transcripts"
ARRIVAL = RequestContext("0123456789abcdef01234567", 1_700_000_000)
CATALOGUE = Catalogue.load()
REPLY = ResponseContext(ARRIVAL, CATALOGUE.resolve("minimax/m2.7"), "demo-m2")
SEALER = Sealer(b"secret")

INVOKE = '<invoke name="get_weather">\n<parameter name="city">{}</parameter>\n</invoke>\n'
CALLS = "\n<minimax:tool_call>\n" + INVOKE.format("Oslo") + INVOKE.format("Rome") + "</minimax:tool_call>"
PATCHED = (
    '\n<minimax:tool_call>\n<invoke name="apply_patch">\n<parameter name="input">*** Begin "Patch"\n+é\\u0041\n'
    "*** End</parameter>\n</invoke>\n</minimax:tool_call>"
)
FORM = {"type": "json_schema", "name": "p", "schema": {"type": "object", "properties": {"age": {"type": "integer"}}}}


def read(**fields: Any) -> ParsedResponses:
    body = {"model": "minimax/m2.7", "input": "hi", "stream": True, **fields}
    return ResponsesAdapter(SEALER).read(json.dumps(body).encode(), ARRIVAL)


async def stream(asked: ParsedResponses, engine: Replay) -> str:
    """Do what the server does."""
    answer = await Service(CATALOGUE, engine).answer(asked.request)
    writer = asked.stream_writer(ResponseContext(ARRIVAL, answer.model, answer.checkpoint))
    out = b""
    try:
        async for events in answer:
            data = writer.write(events)
            out += writer.start() + data if data and not out else data
        out += writer.end()
    except Error as error:
        out += asked.adapter.error_event(error, ARRIVAL)
    finally:
        await answer.aclose()
    return out.decode()


def frames(text: str) -> list[Any]:
    *parts, rest = text.split("\n\n")
    assert rest == ""
    found = []
    for part in parts:
        event, data = part.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert event == f"event: {found[-1]['type']}"
    assert [frame["sequence_number"] for frame in found] == list(range(len(found)))
    return found


def check(text: str, name: str) -> list[Any]:
    path = FOLDER / f"responses_{name}.sse"
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    return frames(text)


@pytest.fixture(autouse=True)
def same_call_ids() -> None:
    random.seed(7)


async def test_thinking_and_two_calls() -> None:
    raw = ["Two", " cities.", "\n</think>\n\n", "I look.", *CALLS.splitlines(keepends=True)]
    engine = Replay([read_prompt(), *said(*raw), end(completion=30)])
    asked = read(tools=[WEATHER], instructions="Be brief.", reasoning={"effort": "high"}, metadata={"a": "b"})
    found = check(await stream(asked, engine), "calls")
    assert [frame["type"].removeprefix("response.") for frame in found] == [
        "created", "in_progress",
        "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.delta",
        "reasoning_text.done", "content_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done",
        "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.done", "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    response = found[-1]["response"]
    reasoning, message, oslo, rome = response["output"]
    assert reasoning["content"] == [{"type": "reasoning_text", "text": "Two cities."}]
    assert message["content"][0]["text"] == "I look."
    assert [json.loads(call["arguments"]) for call in (oslo, rome)] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert oslo["call_id"] != rome["call_id"]
    assert {item["status"] for item in response["output"]} == {"completed"}
    assert (response["status"], response["usage"]["output_tokens"]) == ("completed", 30)


async def test_json() -> None:
    engine = Replay(
        [*said("Hm.", "\n</think>"), end(completion=4)],
        [*said('{"age"', ": 31}"), end(completion=5)],
    )
    found = check(await stream(read(text={"format": FORM}), engine), "json")
    assert found[-1]["response"]["output"][1]["content"][0]["text"] == '{"age": 31}'
    assert found[-1]["response"]["text"]["format"] == FORM


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [
        (["Let me", " think"], ["reasoning"]),
        (["Hm.", "\n</think>\n\n", "Once upon"], ["reasoning", "message"]),
        (["Hm.", "\n</think>\n\n", *CALLS.splitlines(keepends=True)[:4]], ["reasoning", "function_call"]),
    ],
)
async def test_cut_by_length(raw: list[str], kinds: list[str]) -> None:
    engine = Replay([*said(*raw), end("length", completion=8)])
    text = await stream(read(max_output_tokens=8, tools=[WEATHER]), engine)
    last = (check(text, "cut") if kinds[-1] == "message" else frames(text))[-1]
    assert last["type"] == "response.incomplete"
    response = last["response"]
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert [item["type"] for item in response["output"]] == kinds
    assert [item["status"] for item in response["output"]] == ["completed"] * (len(kinds) - 1) + ["incomplete"]


async def test_an_error_in_mid_stream() -> None:
    engine = Replay([*said("Hm.", "\n</think>\n\n", "Once"), EngineCrashed("The engine ended.")])
    found = check(await stream(read(), engine), "failed")
    failed, error = found[-2:]
    response = failed["response"]
    assert (failed["type"], response["status"]) == ("response.failed", "failed")
    assert response["error"] == {"code": "server_error", "message": "The engine ended."}
    assert [item["type"] for item in response["output"]] == ["reasoning"]
    assert error["error"] == {
        "message": "The engine ended.", "type": "server_error", "param": None, "code": "engine_crashed",
    }  # fmt: skip


async def test_an_error_before_the_first_frame_has_them_all() -> None:
    asked = read()
    asked.stream_writer(REPLY)
    found = frames(asked.adapter.error_event(ContextOverflow("Too long."), ARRIVAL).decode())
    assert [frame["type"] for frame in found] == [
        "response.created", "response.in_progress", "response.failed", "error",
    ]  # fmt: skip
    assert found[2]["response"]["error"]["code"] == "context_length_exceeded"
    assert found[3]["error"]["param"] == "input"
    assert frames(_failed(Unsupported("x", param="messages[0]")))[2]["response"]["error"]["code"] == "invalid_prompt"


def _failed(error: Error) -> str:
    asked = read()
    asked.stream_writer(REPLY)
    return asked.adapter.error_event(error, ARRIVAL).decode()


async def test_a_custom_tool_gets_plain_text() -> None:
    pieces = [PATCHED[at : at + 6] for at in range(0, len(PATCHED), 6)]
    engine = Replay([*said("Hm.", "\n</think>", *pieces), end(completion=8)])
    found = check(await stream(read(tools=[PATCH]), engine), "custom")
    text = '*** Begin "Patch"\n+é\\u0041\n*** End'
    deltas = [frame["delta"] for frame in found if frame["type"] == "response.custom_tool_call_input.delta"]
    assert "".join(deltas) == text
    assert len(deltas) > 3
    (done,) = [frame for frame in found if frame["type"] == "response.custom_tool_call_input.done"]
    assert done["input"] == text
    call = found[-1]["response"]["output"][1]
    assert {key: call[key] for key in ("type", "name", "input", "status")} == {
        "type": "custom_tool_call", "name": "apply_patch", "input": text, "status": "completed",
    }  # fmt: skip


async def test_a_tool_of_a_namespace_keeps_its_own_name() -> None:
    space = {"type": "namespace", "name": "files", "description": "d", "tools": [{"type": "function", "name": "read"}]}
    raw = '</think>\n<minimax:tool_call>\n<invoke name="files.read">\n</invoke>\n</minimax:tool_call>'
    (call,) = frames(await stream(read(tools=[space]), Replay([*said(raw), end()])))[-1]["response"]["output"]
    assert (call["name"], call["namespace"], call["arguments"]) == ("read", "files", "{}")


async def test_an_answer_without_words_is_an_empty_message() -> None:
    for raw in ("Hm.", "</think>", ""):
        found = frames(await stream(read(), Replay([*said(raw), end(completion=1)])))
        last = found[-1]["response"]["output"][-1]
        assert (last["type"], last["content"][0]["text"]) == ("message", "")


def whole(asked: ParsedResponses, events: list[Event]) -> Any:
    builder = CompletionBuilder()
    builder.add(events)
    return json.loads(asked.write_json(builder.result(), REPLY))


def streamed(asked: ParsedResponses, batches: list[list[Event]]) -> list[Any]:
    writer = asked.stream_writer(REPLY)
    data = b"".join(writer.write(batch) for batch in batches)
    return frames((writer.start() + data + writer.end()).decode())


def test_the_object_has_every_key() -> None:
    asked = read(
        tools=[WEATHER], tool_choice="auto", temperature=0.5, top_p=0.9, max_output_tokens=50, user="u", store=True,
        instructions="i", text={"verbosity": "low"}, top_logprobs=2, prompt_cache_key="k", safety_identifier="s",
        metadata={"a": "b"}, reasoning={"effort": "low", "summary": "auto"}, truncation="auto",
        parallel_tool_calls=False, max_tool_calls=2,
    )  # fmt: skip
    body = whole(asked, [TextDelta(0, "Yes."), Finished(0, "stop", Usage(10, 5, 4, 2))])
    output = body.pop("output")
    assert output == [
        {
            "id": "msg_0123456789abcdef012345670000",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Yes.", "annotations": [], "logprobs": []}],
        }
    ]
    assert list(body.items()) == list(
        {
            "id": "resp_0123456789abcdef01234567",
            "object": "response",
            "created_at": 1_700_000_000,
            "status": "completed",
            "background": False,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "instructions": "i",
            "max_output_tokens": 50,
            "max_tool_calls": 2,
            "model": "minimax/m2.7",
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "prompt_cache_key": "k",
            "reasoning": {"effort": "low", "summary": "auto"},
            "safety_identifier": "s",
            "service_tier": "default",
            "store": False,
            "temperature": 0.5,
            "text": {"format": {"type": "text"}, "verbosity": "low"},
            "tool_choice": "auto",
            "tools": [WEATHER],
            "top_logprobs": 2,
            "top_p": 0.9,
            "truncation": "disabled",
            "usage": {
                "input_tokens": 10,
                "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
                "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 2},
                "total_tokens": 15,
            },
            "user": "u",
            "metadata": {"a": "b"},
        }.items()
    )


def test_the_thought_is_sealed_on_request() -> None:
    events: list[Event] = [ReasoningDelta(0, "Hm — "), ReasoningDelta(0, "so."), Finished(0, "stop")]
    item = whole(read(), events)["output"][0]
    assert item["encrypted_content"] is None
    item = whole(read(include=["reasoning.encrypted_content"]), events)["output"][0]
    assert SEALER.open(item["encrypted_content"]) == "Hm — so."
    assert item["content"] == [{"type": "reasoning_text", "text": "Hm — so."}]


def test_logprobs() -> None:
    token = TokenLogprob("é", -0.5, "é".encode(), (("é", -0.5), ("e", -1.0)))
    expected = {
        "token": "é",
        "logprob": -0.5,
        "bytes": [195, 169],
        "top_logprobs": [
            {"token": "é", "logprob": -0.5, "bytes": [195, 169]},
            {"token": "e", "logprob": -1.0, "bytes": [101]},
        ],
    }
    asked = read(include=["message.output_text.logprobs"], top_logprobs=2)
    found = streamed(asked, [[TextDelta(0, "é", 0, (token,))], [TextDelta(0, "é", 1, (token,)), Finished(0, "stop")]])
    by_kind = {frame["type"]: frame for frame in found}
    assert by_kind["response.output_text.delta"]["logprobs"] == [expected]
    assert by_kind["response.output_text.done"]["logprobs"] == [expected] * 2
    assert by_kind["response.content_part.done"]["part"]["logprobs"] == [expected] * 2
    assert found[-1]["response"]["output"][0]["content"][0]["logprobs"] == [expected] * 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "a\\n\\"b\\" \\ud83d\\ude00 \\\\u0041"}', 'a\n"b" 😀 \\u0041'),
        ('{ "input" : "" }', ""),
        ('{"input":"\\ud83d x \\ud83d"}', "\ufffd x \ufffd"),
        ('{"patch": "p"}', "p"),
        ('{"path": "a", "input": "b"}', "b"),
        ('{"path": "a", "text": "b"}', '{"path": "a", "text": "b"}'),
        ('{"input": 5}', '{"input": 5}'),
        ("{}", ""),
        ('{"input": "cut', "cut"),
        ('{"input": "cut\\u00', "cut"),
        ("", ""),
    ],
)
@given(data=st.data())
def test_custom_input_in_any_chunking(arguments: str, text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(arguments)))))
    pieces = [arguments[a:b] for a, b in zip([0, *cuts], [*cuts, len(arguments)], strict=True)]
    events: list[Event] = [ToolCallStarted(0, 0, "c", "apply_patch")]
    events += [ToolCallDelta(0, 0, piece) for piece in pieces]
    events.append(Finished(0, "tool_calls"))
    found = streamed(read(tools=[PATCH]), [events])
    deltas = [frame["delta"] for frame in found if frame["type"] == "response.custom_tool_call_input.delta"]
    assert "".join(deltas) == text
    assert "" not in deltas
    assert found[-1]["response"]["output"][0]["input"] == text


_TEXTS = st.sampled_from(["a", "\n", " b", "é—😀", '"', "\n\n"])
_PROSE = st.tuples(st.lists(_TEXTS, max_size=3), st.lists(_TEXTS, max_size=3))
_CALL = st.tuples(
    st.sampled_from(["get_weather", "apply_patch", "unknown"]), st.sampled_from(['{"input": "x\\ny"}', "{}"])
)
_TOKEN = TokenLogprob("t", -1.0, b"t")


@settings(max_examples=200)
@given(st.lists(st.tuples(_PROSE, _CALL), max_size=3), _PROSE, st.booleans(), st.booleans(), st.data())
def test_any_chunking_gives_the_same_response(
    calls: list[Any], last: Any, cut: bool, logprobs: bool, data: st.DataObject
) -> None:
    asked = read(tools=[WEATHER, PATCH], include=["reasoning.encrypted_content"])
    events: list[Event] = [Started("demo-m2")]

    def prose(pair: tuple[list[str], list[str]]) -> None:
        events.extend(ReasoningDelta(0, text) for text in pair[0])
        events.extend(TextDelta(0, text, 0, (_TOKEN,) if logprobs else None) for text in pair[1])

    for number, (before, (name, arguments)) in enumerate(calls):
        prose(before)
        events.append(ToolCallStarted(0, number, f"c{number}", name))
        at = data.draw(st.integers(0, len(arguments)))
        events += [ToolCallDelta(0, number, piece) for piece in (arguments[:at], arguments[at:]) if piece]
    prose(last)
    events.append(Finished(0, "length" if cut else "tool_calls" if calls else "stop", Usage(9, 5)))
    at = data.draw(st.integers(0, len(events)))
    found = streamed(asked, [events[:at], events[at:]])
    assert found[-1]["response"] == whole(asked, events)
    items = [frame["item"] for frame in found if frame["type"] == "response.output_item.done"]
    assert items == found[-1]["response"]["output"]
    assert [frame["output_index"] for frame in found if frame["type"] == "response.output_item.added"] == list(
        range(len(items))
    )
    assert len({item["id"] for item in items}) == len(items)
