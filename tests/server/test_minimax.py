"""MiniMax's doors in the real app, over an engine that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import EngineCrashed, EngineUnavailable
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, ChatSettings, MinimaxSettings, ServerSettings
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from maxserve.service import Service
from tests.service.replay import Replay, Script, end, said

CHAT, NATIVE = "/minimax/v1/chat/completions", "/v1/text/chatcompletion_v2"
HELLO: dict[str, Any] = {"model": "MiniMax-M2.7", "messages": [{"role": "user", "content": "Hello!"}]}
CALLS: Script = [
    *said("They ask.", "\n</think>\n\n", "Let me look.\n", '<minimax:tool_call>\n<invoke name="look">\n'),
    *said('<parameter name="place">Oslo</parameter>\n', "</invoke>\n", "</minimax:tool_call>"),
    end(prompt=9, completion=21),
]
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"properties": {"place": {"type": "string"}}}}}
KEY = {"authorization": "Bearer secret"}


@asynccontextmanager
async def asking(*scripts: Script, key: str | None = None, **tables: Any) -> AsyncIterator[httpx.AsyncClient]:
    auth = AuthSettings(keys=(key,) if key else (), signing_key="x")
    with TemporaryDirectory() as folder:
        state = create_state(Config(data_dir=Path(folder), auth=auth, **tables))
        app = create_app(replace(state, service=Service(Catalogue.load(), Replay(*scripts))))
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


def frames(response: httpx.Response) -> list[Any]:
    *parts, done, rest = response.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def text_of(chunks: list[Any], field: str = "content") -> str:
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"] if "delta" in choice]
    return "".join(delta.get(field, "") for delta in deltas)


async def test_a_tool_call_whole_and_streamed() -> None:
    async with asking(CALLS, CALLS) as client:
        body = HELLO | {"tools": [LOOK]}
        whole = (await client.post(CHAT, json=body)).json()
        chunks = frames(await client.post(CHAT, json=body | {"stream": True}))
    message = whole["choices"][0]["message"]
    assert message["content"].startswith("<think>\nThey ask.\n</think>\n\nLet me look.")
    assert text_of(chunks) == message["content"]
    (call,) = message["tool_calls"]
    assert list(call) == ["id", "type", "function", "index"]
    assert call["id"].startswith("call_function_")
    assert call["id"].endswith("_1")
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("look", {"place": "Oslo"})
    pieces = [piece for chunk in chunks for piece in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert "".join(piece["function"]["arguments"] for piece in pieces) == call["function"]["arguments"]
    assert whole["choices"][0]["finish_reason"] == chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_the_name_decides_on_the_shared_path() -> None:
    async with asking(CALLS, CALLS) as client:
        named = (await client.post("/v1/chat/completions", json=HELLO)).json()
        other = (await client.post("/v1/chat/completions", json=HELLO | {"model": "minimax/m2.7"})).json()
    assert named["base_resp"] == {"status_code": 0, "status_msg": ""}
    assert "base_resp" not in other


async def test_the_name_decides_even_where_the_rest_cannot_be_read() -> None:
    async with asking() as client:
        broken = {"messages": "Hello!"}
        named = await client.post("/v1/chat/completions", json=broken | {"model": "MiniMax-M3"})
        other = await client.post("/v1/chat/completions", json=broken | {"model": "minimax/m3"})
    assert named.json()["error"]["message"].endswith("must be an array, not a string (2013)")
    assert other.json()["error"]["param"] == "messages"


async def test_every_answer_can_be_traced() -> None:
    async with asking(CALLS) as client:
        answers = [await client.post(CHAT, json=HELLO), await client.post(CHAT, json={})]
    for answer, field in zip(answers, ("id", "request_id"), strict=True):
        trace = answer.headers["trace-id"]
        assert answer.json()[field] == trace
        assert trace[8:] == answer.headers["x-request-id"].removeprefix("req_")
        for name in ("minimax-request-id", "x-mm-request-id", "x-session-id"):
            assert answer.headers[name] == trace
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_only_the_native_route_repeats_the_answer_unless_told_otherwise() -> None:
    async with asking(CALLS, CALLS) as client:
        streams = [frames(await client.post(path, json=HELLO | {"stream": True})) for path in (CHAT, NATIVE)]
    assert [sum(chunk["object"] == "chat.completion" for chunk in chunks) for chunks in streams] == [0, 1]
    *chunks, final = streams[1]
    assert final["choices"][0]["message"]["content"] == text_of(chunks)
    assert final["usage"]["total_tokens"] == 30
    assert final["base_resp"]["status_code"] == 0
    assert all(chunk["usage"] is None for chunk in [*streams[0], *chunks]), "nobody asked for usage"


async def test_the_configuration_switches_single_routes() -> None:
    settings = MinimaxSettings(cumulative_reasoning=("native",), final_frame=("chat",))
    thought: Script = [*said("They ", "ask.", "\n</think>\n\nHi."), end()]
    async with asking(thought, thought, minimax=settings) as client:
        body = HELLO | {"stream": True, "reasoning_split": True}
        chat, native = [frames(await client.post(path, json=body)) for path in (CHAT, NATIVE)]
    assert chat[-1]["object"] == "chat.completion"
    assert native[-1]["object"] == "chat.completion.chunk"
    details = [
        [delta["reasoning_details"][0]["text"] for chunk in chunks if "reasoning_details" in (delta := _delta(chunk))]
        for chunks in (chat, native)
    ]
    assert "".join(details[0]) == details[1][-1] == text_of(native, "reasoning_content") == "They ask."
    assert all(later.startswith(earlier) for earlier, later in zip(details[1], details[1][1:], strict=False))


def _delta(chunk: Any) -> Any:
    return chunk["choices"][0].get("delta", {})


async def test_errors_on_the_two_routes() -> None:
    async with asking() as client:
        for body, words in (
            (b"{", "invalid params, The body is not valid JSON"),
            (b"{}", "invalid params, The field 'messages' is required"),
            (json.dumps(HELLO | {"model": "MiniMax-M9"}).encode(), "unknown model: The model 'MiniMax-M9' does not"),
            (json.dumps(HELLO | {"n": 0}).encode(), "invalid params, n must be at least 1"),
        ):
            chat = await client.post(CHAT, content=body)
            assert (chat.status_code, chat.json()["error"]["http_code"]) == (400, "400")
            assert words in chat.json()["error"]["message"]
            assert chat.json()["error"]["message"].endswith(" (2013)")
            native = await client.post(NATIVE, content=body)
            assert native.status_code == 200
            assert native.json()["base_resp"]["status_code"] == 2013
            assert words in native.json()["base_resp"]["status_msg"]


async def test_errors_before_the_body_is_read() -> None:
    async with asking(CALLS, key="secret", server=ServerSettings(max_body_bytes=100)) as client:
        assert (await client.post(CHAT, json=HELLO)).json()["error"]["message"].startswith("login fail: ")
        assert (await client.post(CHAT, json=HELLO)).status_code == 401
        native = await client.post(NATIVE, json=HELLO)
        assert (native.status_code, native.json()["base_resp"]["status_code"]) == (200, 1004)
        large = await client.post(NATIVE, content=b" " * 101, headers=KEY)
        assert (large.status_code, large.json()["base_resp"]["status_code"]) == (200, 2013)
        assert large.headers["connection"] == "close", "the rest of the body is not read"
        assert (await client.post(CHAT, json=HELLO, headers=KEY)).status_code == 200


@pytest.mark.parametrize("path", [CHAT, NATIVE])
async def test_a_stream_that_breaks_off(path: str) -> None:
    async with asking([*said("They ask.\n</think>\n\nHi"), EngineCrashed("The engine ended.")]) as client:
        response = await client.post(path, json=HELLO | {"stream": True})
        *chunks, last = frames(response)
    assert response.status_code == 200
    assert text_of(chunks).startswith("<think>\nThey ask.")
    if path == CHAT:
        assert last["error"]["type"] == "server_error"
        assert last["error"]["message"] == "The engine ended (1013)"
    else:
        assert last["base_resp"] == {"status_code": 1013, "status_msg": "The engine ended."}


async def test_a_stream_that_never_began_is_no_stream() -> None:
    async with asking([EngineUnavailable("Not yet.")], [EngineUnavailable("Not yet.")]) as client:
        body = HELLO | {"stream": True}
        chat, native = [await client.post(path, json=body) for path in (CHAT, NATIVE)]
    assert (chat.status_code, chat.json()["error"]["type"]) == (503, "server_error")
    assert (native.status_code, native.json()["base_resp"]["status_code"]) == (200, 1013)
    assert native.headers["content-type"] == "application/json; charset=utf-8"


async def test_the_configured_flavour_answers_before_the_body_is_read() -> None:
    async with asking(key="secret", chat=ChatSettings(flavour="minimax")) as client:
        answer = await client.post("/v1/chat/completions", json=HELLO | {"model": "minimax/m2.7"})
    assert answer.json()["error"]["type"] == "authorized_error"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["trace-id"] == answer.json()["request_id"]
