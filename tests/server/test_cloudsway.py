"""Cloudsway's doors in the real app, over an engine that says what it is told to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest

from maxserve.chat import (
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Grammar,
    Overloaded,
)
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, ChatSettings, CloudswaySettings, MaskingSettings, ServerSettings
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from maxserve.service import Service
from tests.service.replay import Replay, Script, end, said

BOUND, FREE = "/v1/ai/cGmuyz/chat/completions", "/cloudsway/v1/chat/completions"
DEPLOYED = "MaaS_Minimax_M2.7_20260318"
HELLO: dict[str, Any] = {"model": "MiniMax-M2.7", "messages": [{"role": "user", "content": "Hello!"}]}
HI: Script = [*said("They greet.", "\n</think>\n\n", "Hi ", "there."), end(prompt=9, completion=12)]
ADDRESS: Script = [*said("Their mail.", "\n</think>\n\n", "Write to anna.berg", "@example.com now."), end()]
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"properties": {"place": {"type": "string"}}}}}


@asynccontextmanager
async def asking(*scripts: Script, key: str | None = None, **tables: Any) -> AsyncIterator[httpx.AsyncClient]:
    engine = Replay(*scripts)
    with TemporaryDirectory(prefix="maxserve-test-") as folder:
        auth = AuthSettings(keys=(key,) if key else (), signing_key="x")
        masking = MaskingSettings(detectors=("email",))
        state = create_state(Config(data_dir=Path(folder), auth=auth, masking=masking, **tables))
        service = Service(state.service.catalogue, engine, state.service.limits, masking.policy())
        app = create_app(dataclasses.replace(state, service=service))
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            client.engine = engine  # type: ignore[attr-defined]
            yield client


def bound(**fields: Any) -> dict[str, Any]:
    return {"cloudsway": CloudswaySettings(endpoints={"cGmuyz": "MiniMax-M2.7"}, **fields)}


def frames(response: httpx.Response) -> list[Any]:
    *parts, done, rest = response.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def text_of(chunks: list[Any]) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


@pytest.mark.parametrize("path", [BOUND, "/cloudsway" + BOUND])
@pytest.mark.parametrize("model", ["MiniMax-M2.5", "gpt-9", None])
async def test_the_path_decides_the_model(path: str, model: str | None) -> None:
    async with asking(HI, **bound()) as client:
        answer = await client.post(path, json=HELLO | {"model": model})
    assert (answer.status_code, answer.json()["model"]) == (200, DEPLOYED)
    assert answer.headers["x-maxserve-checkpoint"] == "replayed"


async def test_paths_that_are_bound_to_nothing() -> None:
    async with asking(HI, **bound()) as client:
        answer = await client.post("/v1/ai/other/chat/completions", json=HELLO)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert "'other'" in answer.json()["error"]["message"]
    async with asking(HI) as client:
        answer = await client.post("/v1/ai/other/chat/completions", json=HELLO | {"model": "MiniMax-M2.5"})
        assert (answer.status_code, answer.json()["model"]) == (200, "MaaS_MiniMax_M2.5")
        answer = await client.post("/v1/ai/other/chat/completions", json=HELLO | {"model": "gpt-9"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


async def test_the_shared_path_by_the_name_or_by_the_configuration() -> None:
    async with asking(HI, HI) as client:
        named = await client.post("/v1/chat/completions", json=HELLO | {"model": DEPLOYED})
        other = await client.post("/v1/chat/completions", json=HELLO | {"model": "minimax/m2.7"})
    assert "native_finish_reason" in named.json()["choices"][0]
    assert "native_finish_reason" not in other.json()["choices"][0]
    async with asking(HI, chat=ChatSettings(flavour="cloudsway")) as client:
        fixed = await client.post("/v1/chat/completions", json=HELLO | {"model": "minimax/m2.7"})
    assert (fixed.json()["model"], fixed.json()["choices"][0]["native_finish_reason"]) == (DEPLOYED, "stop")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", ""])
async def test_json_is_read_whatever_the_type_says(kind: str) -> None:
    async with asking(HI) as client:
        answer = await client.post(FREE, content=json.dumps(HELLO), headers={"content-type": kind})
    assert answer.status_code == 200


async def test_thoughts_are_shown_only_on_request() -> None:
    async with asking(HI, HI, HI, HI) as client:
        plain, split = [(await client.post(FREE, json=HELLO | {"reasoning_split": way})).json() for way in (None, True)]
        body = HELLO | {"stream": True}
        streams = [frames(await client.post(FREE, json=body | {"reasoning_split": way})) for way in (False, True)]
    assert plain["choices"][0]["message"] == {"role": "assistant", "content": "Hi there."}
    detail = {"type": "reasoning.text", "text": "They greet.", "signature": None}
    assert split["choices"][0]["message"] == {
        "role": "assistant",
        "content": "Hi there.",
        "reasoning_details": [detail],
    }
    assert [text_of(chunks) for chunks in streams] == ["Hi there.", "Hi there."]
    shown = ["reasoning_details" in choice["delta"] for chunk in streams[0] for choice in chunk["choices"]]
    assert not any(shown)
    for usage in (plain["usage"], split["usage"]):
        assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] <= usage["completion_tokens"] == 12


async def test_the_usage_of_a_stream() -> None:
    async with asking(HI, HI) as client:
        body = HELLO | {"stream": True, "stream_options": {"include_usage": True}}
        *chunks, last = frames(await client.post(FREE, json=body))
        whole = (await client.post(FREE, json=HELLO)).json()
    assert (last["choices"], last["usage"]) == ([], whole["usage"])
    assert chunks[-1]["choices"][0]["native_finish_reason"] == "stop"
    assert {chunk["model"] for chunk in [*chunks, last]} == {DEPLOYED}


async def test_sensitive_information_is_masked_unless_the_request_says_otherwise() -> None:
    async with asking(*[ADDRESS] * 4) as client:
        for asked, shown in ((None, "Write to *** now."), (False, "Write to anna.berg@example.com now.")):
            body = HELLO | {"mask_sensitive_info": asked}
            whole = (await client.post(FREE, json=body)).json()
            chunks = frames(await client.post(FREE, json=body | {"stream": True}))
            assert whole["choices"][0]["message"]["content"] == text_of(chunks) == shown


async def test_parameters_reach_the_engine() -> None:
    fields = {
        "temperature": 0.4,
        "top_p": 0.5,
        "frequency_penalty": 1.5,
        "presence_penalty": -1.5,
        "seed": 7,
        "max_tokens": 100,
        "max_completion_tokens": 50,
        "stop": [" there"],
    }
    async with asking(HI) as client:
        answer = await client.post(FREE, json=HELLO | fields)
        (completion,) = client.engine.asked  # type: ignore[attr-defined]
    sampling = completion.sampling
    assert (sampling.temperature, sampling.top_p, sampling.seed) == (0.4, 0.5, 7)
    assert (sampling.frequency_penalty, sampling.presence_penalty) == (1.5, -1.5)
    assert completion.max_tokens == 50
    assert answer.json()["choices"][0]["message"]["content"] == "Hi"


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "look"}}])
async def test_a_call_can_be_demanded(choice: Any) -> None:
    thought: Script = [*said("Look."), end()]
    call: Script = [
        *said('<minimax:tool_call>\n<invoke name="look">\n<parameter name="place">Oslo</parameter>\n'),
        end(),
    ]
    async with asking(thought, call) as client:
        answer = await client.post(FREE, json=HELLO | {"tools": [LOOK], "tool_choice": choice})
        constrained = client.engine.asked[-1]  # type: ignore[attr-defined]
    assert isinstance(constrained.constraint, Grammar)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineCrashed("x"), 500, "engine_crashed"),
        (EngineRefused("x"), 500, "engine_refused"),
        (EngineError("x"), 500, "engine_error"),
        (EngineUnavailable("x"), 503, "engine_unavailable"),
        (Overloaded("x", retry_after=2), 503, "overloaded"),
        (EngineTimeout("x"), 504, "engine_timeout"),
    ],
)
async def test_failures(error: Error, status: int, code: str) -> None:
    async with asking([error], [*said("a\n</think>\n\n", "b"), error]) as client:
        answer = await client.post(FREE, json=HELLO)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers.get("retry-after") == ("2" if error.retry_after else None)
        # A mask would hold the piece back, as it may be half a secret, and the answer could still have the status.
        body = HELLO | {"stream": True, "mask_sensitive_info": False}
        *chunks, last = frames(await client.post(FREE, json=body))
    assert (text_of(chunks), last["error"]["code"]) == ("b", code)


async def test_keys_and_bodies() -> None:
    async with asking(HI, key="secret", server=ServerSettings(max_body_bytes=200)) as client:
        for headers in ({}, {"authorization": "Bearer wrong"}):
            answer = await client.post(FREE, json=HELLO, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
        key = {"authorization": "Bearer secret"}
        assert (await client.post(FREE, json=HELLO, headers=key)).status_code == 200
        answer = await client.post(FREE, content=b" " * 201, headers=key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body_too_large")
        assert answer.headers["connection"] == "close"
        answer = await client.post(FREE, content=b"{", headers=key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")


async def test_the_vendor_s_limit() -> None:
    async with asking(HI, HI, **bound(max_output=2048)) as client:
        for path in (BOUND, FREE):
            answer = await client.post(path, json=HELLO | {"max_tokens": 2049})
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, "max_tokens")
            assert (await client.post(path, json=HELLO | {"max_tokens": 2048})).status_code == 200
