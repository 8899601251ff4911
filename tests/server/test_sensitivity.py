"""What is sensitive in the form of every API, through the real app and its configuration."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest

from maxserve.config import Config
from maxserve.config.settings import AuthSettings, SensitivitySettings
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from tests.service.replay import Replay, Script, end, read_prompt, said
from tests.support.moderation import moderating

FLAGS = SensitivitySettings(
    prompt={"advertising": "flag"}, answer={"abuse": "flag"}, patterns=("advertising=buy now", "abuse=you fool")
)
BLOCKS = SensitivitySettings(
    prompt={"violence": "block"}, answer={"abuse": "block"}, patterns=("violence=blow up", "abuse=you fool")
)
PATHS = {
    "openai": "/openai/v1/chat/completions",
    "minimax": "/minimax/v1/chat/completions",
    "native": "/v1/text/chatcompletion_v2",
    "cloudsway": "/cloudsway/v1/chat/completions",
    "runware": "/runware/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
    "completions": "/v1/completions",
    "cloudflare": "/client/v4/accounts/acc/ai/v1/chat/completions",
    "run": "/client/v4/accounts/acc/ai/run/minimax/m2.7",
    "gateway": "/v1/acc/default/compat/chat/completions",
}
MODELS = {"cloudsway": "MaaS_Minimax_M2.7_20260318", "cloudflare": "minimax/m2.7", "gateway": "minimax/m2.7"}
CALL = (
    '<minimax:tool_call>\n<invoke name="tell">\n<parameter name="what">Oh, you fool!</parameter>\n</invoke>\n'
    "</minimax:tool_call>"
)


def says(*words: str) -> Script:
    return [read_prompt(), *said("Hm.", "\n</think>\n\n", *words), end(completion=9)]


RUDE = ("Listen, you", " fool", "!", " More", " of it")


@asynccontextmanager
async def asking(settings: SensitivitySettings, *scripts: Script) -> AsyncIterator[tuple[httpx.AsyncClient, Replay]]:
    with TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder), auth=AuthSettings(signing_key="x"), sensitivity=settings)
        engine = Replay(*scripts)
        state = create_state(config, engine)
        transport = httpx.ASGITransport(app=cast("Any", create_app(state)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            try:
                yield client, engine
            finally:
                await state.service.close()
                await state.storage.close()


def body(api: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    model = MODELS.get(api, "MiniMax-M2.7")
    if api == "responses":
        return {"model": model, "input": text, **more}
    if api == "completions":
        return {"model": model, "prompt": text, **more}
    messages = {"messages": [{"role": "user", "content": text}], **more}
    if api == "run":
        return messages
    return {"model": model, **messages, **({"max_tokens": 99} if api == "messages" else {})}


def frames(response: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


BLOCKED_PROMPTS = {
    "openai": (400, {"error": {"code": "content_filter", "type": "invalid_request_error", "param": "messages"}}),
    "cloudsway": (400, {"error": {"code": "content_filter", "type": "invalid_request_error", "param": "messages"}}),
    "runware": (400, {"error": {"code": "content_filter"}, "errors": [{"code": "promptBlocked"}]}),
    "responses": (400, {"error": {"code": "content_filter", "type": "invalid_request_error", "param": "input"}}),
    "completions": (400, {"error": {"code": "content_filter", "type": "invalid_request_error", "param": "prompt"}}),
    "messages": (400, {"type": "error", "error": {"type": "invalid_request_error"}}),
    "minimax": (
        422,
        {
            "type": "error",
            "error": {
                "type": "unprocessable_entity_error",
                "message": "input new_sensitive (1026)",
                "http_code": "422",
            },
        },
    ),
    "native": (
        200,
        {
            "choices": None,
            "base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"},
            "input_sensitive": True,
            "input_sensitive_type": 6,
            "output_sensitive": False,
        },
    ),
    "cloudflare": (424, {"success": False, "errors": [{"code": 2016}]}),
    "run": (422, {"success": False, "errors": [{"code": 2017}]}),
    "gateway": (424, {"success": False, "internalCode": 2016, "httpCode": 424, "error": [{"code": 2016}]}),
}


def holds(whole: Any, part: Any) -> bool:
    """Whether `whole` has everything that `part` has."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("api", BLOCKED_PROMPTS)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_blocked_prompt(api: str, stream: bool) -> None:
    async with asking(BLOCKS) as (client, engine):
        response = await client.post(PATHS[api], json=body(api, "Help me blow up a balloon", stream=stream))
    status, expected = BLOCKED_PROMPTS[api]
    assert response.status_code == status
    assert holds(response.json(), expected), response.text
    assert engine.asked == []


async def test_a_blocked_answer_whole() -> None:
    apis = [api for api in PATHS if api != "completions"]
    async with asking(BLOCKS, *(says(*RUDE) for _ in apis)) as (client, engine):
        found = {api: await client.post(PATHS[api], json=body(api)) for api in apis}
    assert engine.closed_early == len(apis)
    for api in ("openai", "cloudsway", "runware"):
        (choice,) = found[api].json()["choices"]
        assert (choice["finish_reason"], choice["message"]["content"]) == ("content_filter", "Listen, ")
        assert found[api].json()["usage"]["prompt_tokens"] == 10
    assert found["cloudsway"].json()["choices"][0]["native_finish_reason"] == "content_filter"
    message = found["messages"].json()
    assert (message["stop_reason"], message["content"][-1]["text"]) == ("refusal", "Listen, ")
    response = found["responses"].json()
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    assert response["output"][-1]["status"] == "incomplete"
    assert found["minimax"].status_code == 422
    assert found["minimax"].json()["error"]["message"] == "output new_sensitive (1027)"
    native = found["native"].json()
    assert (native["base_resp"]["status_code"], native["choices"]) == (1027, None)
    assert (native["output_sensitive"], native["output_sensitive_type"]) == (True, 5)
    for api in ("cloudflare", "run", "gateway"):
        assert found[api].status_code == (422 if api == "run" else 424)
        assert "2017" in found[api].text
        assert "fool" not in found[api].text


async def test_a_blocked_answer_streamed() -> None:
    apis = [api for api in PATHS if api != "completions"]
    async with asking(BLOCKS, *(says(*RUDE) for _ in apis)) as (client, _):
        found = {api: await client.post(PATHS[api], json=body(api, stream=True)) for api in apis}
    for api, response in found.items():
        assert response.status_code == 200, api
        assert "Listen, " in response.text
        assert "fool" not in response.text
        if api not in ("messages", "responses"):
            assert response.text.endswith("data: [DONE]\n\n")
    for api in ("openai", "cloudsway", "runware"):
        assert frames(found[api])[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert frames(found["minimax"])[-1]["error"]["message"] == "output new_sensitive (1027)"
    assert frames(found["native"])[-1]["base_resp"] == {"status_code": 1027, "status_msg": "output new_sensitive"}
    for api in ("cloudflare", "run", "gateway"):
        assert frames(found[api])[-1]["internalCode"] == 2017
    deltas = [frame for frame in frames(found["messages"]) if frame["type"] == "message_delta"]
    assert [frame["delta"]["stop_reason"] for frame in deltas] == ["refusal"]
    last = frames(found["responses"])[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "content_filter"}


async def test_raw_completions_are_judged_too() -> None:
    script = [*said(*RUDE), end()]
    async with asking(BLOCKS, script, script) as (client, _):
        whole = (await client.post(PATHS["completions"], json=body("completions"))).json()
        streamed = frames(await client.post(PATHS["completions"], json=body("completions", stream=True)))
    assert (whole["choices"][0]["text"], whole["choices"][0]["finish_reason"]) == ("Listen, ", "content_filter")
    assert "".join(frame["choices"][0]["text"] for frame in streamed) == "Listen, "
    assert streamed[-1]["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize("api", ["minimax", "native", "cloudflare", "run", "gateway"])
async def test_what_is_flagged_stands_in_the_fields(api: str) -> None:
    asked = body(api, "buy now")
    async with asking(FLAGS, says(*RUDE), says(*RUDE)) as (client, _):
        whole = (await client.post(PATHS[api], json=asked)).json()
        streamed = frames(await client.post(PATHS[api], json=asked | {"stream": True}))
    whole = whole.get("result", whole)
    assert whole["choices"][0]["message"]["content"].endswith("Listen, you fool! More of it")
    fields = {
        "input_sensitive": True, "output_sensitive": True, "input_sensitive_type": 3, "output_sensitive_type": 5,
        "output_sensitive_int": 0,
    }  # fmt: skip
    assert holds(whole, fields)
    ends = [frame for frame in streamed if frame["choices"] and "finish_reason" in frame["choices"][0]]
    assert ends
    assert all(holds(frame, fields) for frame in ends)
    first = streamed[0]
    assert (first["input_sensitive"], first["output_sensitive_type"]) == (False, 0)


async def test_others_show_no_trace_of_flags() -> None:
    async with asking(FLAGS, says(*RUDE)) as (client, _):
        answer = (await client.post(PATHS["openai"], json=body("openai", "buy now"))).json()
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert "sensitive" not in json.dumps(answer)


async def test_a_call_that_is_cut_stays_json() -> None:
    tool = {"name": "tell", "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}
    chat = body("openai", tools=[{"type": "function", "function": tool}])
    message = body("messages", tools=[{"name": "tell", "input_schema": tool["parameters"]}])
    async with asking(BLOCKS, says(CALL), says(*CALL), says(CALL)) as (client, _):
        whole = (await client.post(PATHS["openai"], json=chat)).json()["choices"][0]
        streamed = frames(await client.post(PATHS["openai"], json=chat | {"stream": True}))
        refused = (await client.post(PATHS["messages"], json=message)).json()
    (call,) = whole["message"]["tool_calls"]
    assert whole["finish_reason"] == "content_filter"
    assert json.loads(call["function"]["arguments"]) == {"what": "Oh, "}
    pieces = [piece for frame in streamed for piece in frame["choices"][0]["delta"].get("tool_calls", ())]
    assert "".join(piece["function"]["arguments"] for piece in pieces) == call["function"]["arguments"]
    assert refused["stop_reason"] == "refusal"
    assert refused["content"][-1]["input"] == {"what": "Oh, "}


FAILED = {
    "openai": (503, {"error": {"type": "server_error", "code": "moderation_unavailable"}}),
    "cloudsway": (503, {"error": {"type": "server_error", "code": "moderation_unavailable"}}),
    "runware": (503, {"error": {"code": "moderation_unavailable"}, "errors": [{"code": "serviceUnavailable"}]}),
    "responses": (503, {"error": {"type": "server_error", "code": "moderation_unavailable"}}),
    "messages": (503, {"error": {"type": "api_error"}}),
    "minimax": (503, {"error": {"type": "server_error", "http_code": "503"}}),
    "native": (200, {"base_resp": {"status_code": 1013}}),
    "cloudflare": (503, {"errors": [{"code": 7013}]}),
    "gateway": (503, {"internalCode": 7013}),
}


async def test_an_endpoint_that_cannot_be_asked_is_the_servers_fault() -> None:
    with moderating({}) as endpoint:
        endpoint.fault = 500
        settings = SensitivitySettings(prompt={"abuse": "block"}, url=endpoint.url, key="k")
        async with asking(settings) as (client, engine):
            found = {api: await client.post(PATHS[api], json=body(api)) for api in FAILED}
    assert engine.asked == []
    for api, (status, expected) in FAILED.items():
        assert found[api].status_code == status, api
        assert holds(found[api].json(), expected), found[api].text


async def test_the_endpoint_judges_a_stream() -> None:
    with moderating({"gore": "violence"}) as endpoint:
        settings = SensitivitySettings(answer={"violence": "block"}, url=endpoint.url, stretch=10)
        async with asking(settings, says("All is well here. ", "But gore", " there.")) as (client, _):
            streamed = frames(await client.post(PATHS["openai"], json=body("openai", stream=True)))
    deltas = [frame["choices"][0]["delta"].get("content") or "" for frame in streamed]
    assert "".join(deltas) == "All is well here."
    assert streamed[-1]["choices"][0]["finish_reason"] == "content_filter"
