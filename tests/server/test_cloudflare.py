"""Cloudflare's doors and what a gateway does, in the real app, over an engine that says what it is told to."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import func, select

from maxserve.catalogue import Catalogue
from maxserve.chat import EngineCrashed
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, CloudflareSettings, KeySettings, MaskingSettings
from maxserve.engines import EngineChunk, EngineRequest
from maxserve.gateway import GatewaySettings, SpendLimit
from maxserve.gateway.tables import WINDOWS
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from maxserve.server.state import State
from maxserve.service import Service
from tests.service.replay import Replay, Script, end, said

ACCOUNT = "0123456789abcdef0123456789abcdef"
BASE = f"/client/v4/accounts/{ACCOUNT}"
CHAT = f"{BASE}/ai/v1/chat/completions"
HOST = f"/v1/{ACCOUNT}/default"
LOGS = f"{BASE}/ai-gateway/gateways/default/logs"
INPUTS: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello!"}]}
HELLO = {"model": "minimax/m2.7", **INPUTS}
HI: Script = [*said("They ", "greet.", "\n</think>\n\n", "Hi", "!"), end(prompt=10, completion=20)]
USER = "Model execution failed (User Input Error): "
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class Asking:
    """The app's client, its state, and how often its engine was asked."""

    def __init__(self, client: httpx.AsyncClient, app: Any, state: State, engine: Replay) -> None:
        self.client, self.app, self.state, self.engine = client, app, state, engine

    async def chat(self, path: str = CHAT, body: Any = HELLO, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=body, headers=named)

    async def logs(self, query: str = "", path: str = LOGS) -> list[dict[str, Any]]:
        answer = await self.client.get(f"{path}?per_page=100&order_by_direction=asc{query}")
        assert answer.status_code == 200, answer.text
        return cast("list[dict[str, Any]]", answer.json()["result"])


@asynccontextmanager
async def asking(
    *scripts: Script,
    engine: Replay | None = None,
    keys: tuple[str, ...] = (),
    named_keys: dict[str, KeySettings] | None = None,
    cloudflare: CloudflareSettings | None = None,
    masking: MaskingSettings | None = None,
    gateways: dict[str, GatewaySettings] | None = None,
    **gateway: Any,
) -> AsyncIterator[Asking]:
    """The app; `gateway` are the settings of the default one."""
    engine = engine or Replay(*scripts)
    settings = {"default": GatewaySettings(retry_delay_s=0, **gateway), **(gateways or {})}
    with TemporaryDirectory() as folder:
        config = Config(
            data_dir=Path(folder),
            auth=AuthSettings(keys=keys, signing_key="x"),
            keys=named_keys or {},
            gateways=settings,
            cloudflare=cloudflare or CloudflareSettings(),
        )
        policy = masking.policy() if masking else None
        state = replace(create_state(config), service=Service(Catalogue.load(), engine, masking=policy))
        app = create_app(state)
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Asking(client, app, state, engine)
        await state.storage.close()


def content(answer: httpx.Response) -> str:
    body = answer.json()
    return cast("str", body.get("result", body)["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    ("path", "body", "headers", "enveloped"),
    [
        (CHAT, HELLO, {}, False),
        (f"{BASE}/ai/run/minimax/m2.7", INPUTS, {}, True),
        (f"{BASE}/ai/run/minimax%2Fm2.7", INPUTS, {}, True),
        (f"{BASE}/ai/run", {"model": "minimax/m2.7", "input": INPUTS}, {}, True),
        (f"{HOST}/compat/chat/completions", HELLO, {}, False),
        (f"{HOST}/compat/chat/completions", HELLO | {"model": "workers-ai/minimax/m2.7"}, {}, False),
        (f"{HOST}/workers-ai/v1/chat/completions", HELLO, {}, False),
        (f"{HOST}/workers-ai/run/minimax/m2.7", INPUTS, {}, True),
        (f"{HOST}/workers-ai/minimax/m2.7", INPUTS, {}, True),
        (HOST, [{"provider": "workers-ai", "endpoint": "run/minimax/m2.7", "query": INPUTS}], {}, True),
        (HOST, [{"provider": "compat", "endpoint": "chat/completions", "query": HELLO}], {}, False),
        ("/run", {"inputs": INPUTS}, {"cf-consn-model-id": "minimax/m2.7"}, False),
        ("/ai-gateway/run?version=3", {"inputs": INPUTS}, {"cf-consn-model-id": "old:minimax/m2.7"}, False),
        (
            "/ai-gateway/universal/run/default",
            {"provider": "workers-ai", "endpoint": "v1/chat/completions", "query": HELLO},
            {},
            False,
        ),
        (f"/cloudflare{CHAT}", HELLO, {}, False),
    ],
)
async def test_every_way_to_ask(path: str, body: Any, headers: dict[str, str], enveloped: bool) -> None:
    async with asking(HI) as served:
        answer = await served.client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert content(answer) == "Hi!"
    outer = answer.json()
    if enveloped:
        assert list(outer) == ["result", "success", "errors", "messages"]
        assert (outer["success"], outer["errors"], outer["messages"]) == (True, [], [])
    chat = outer["result"] if enveloped else outer
    assert list(chat)[-1] == "gatewayMetadata"
    assert chat["gatewayMetadata"] == {"keySource": "Unified"}
    assert ULID.fullmatch(answer.headers["cf-aig-log-id"])
    assert answer.headers["cf-aig-request-id"] == answer.headers["cf-aig-event-id"] == answer.headers["cf-aig-log-id"]
    assert answer.headers["cf-aig-step"] == "0"
    assert "cf-aig-cache-status" not in answer.headers, "no cache is on"


@pytest.mark.parametrize("path", [f"{BASE}/ai/v1/messages", f"{BASE}/ai/v1/v1/messages"])
async def test_messages_behind_cloudflares_paths(path: str) -> None:
    body = {"model": "minimax/m2.7", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello!"}]}
    async with asking(HI) as served:
        answer = await served.chat(path, body)
        wrong = await served.chat(path, body | {"model": "minimax/m9"})
        (line,) = await served.logs()
    assert [block["type"] for block in answer.json()["content"]] == ["thinking", "text"]
    assert line["id"] == answer.headers["cf-aig-log-id"]
    assert wrong.status_code == 404
    assert wrong.json()["errors"] == [{"message": "Model not found: minimax/m9", "code": 7003}]
    assert wrong.json()["error"]["type"] == "not_found_error"


async def test_checks_come_in_the_vendors_order() -> None:
    """Authentication, then the account, the model, the body, and limits last; each beats what comes after it."""
    accounts = CloudflareSettings(accounts=(ACCOUNT,))
    async with asking(HI, keys=("right",), cloudflare=accounts, rate_limit=1) as served:
        right = {"authorization": "Bearer right"}
        assert (await served.chat(authorization="Bearer right")).status_code == 200
        elsewhere = CHAT.replace(ACCOUNT, "f" * 32)
        bad = HELLO | {"model": "minimax/m9", "temperature": 7}
        answers = [
            await served.chat(elsewhere, bad),
            await served.chat(elsewhere, bad, **right),
            await served.chat(CHAT, bad, **right),
            await served.chat(CHAT, HELLO | {"temperature": 7}, **right),
            await served.chat(CHAT, HELLO, **right),
        ]
    told = [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers]
    assert told == [(401, 10000), (404, 7003), (404, 7003), (400, 7003), (429, 2003)]
    messages = [answer.json()["errors"][0]["message"] for answer in answers]
    assert messages == [
        "Authentication error",
        f"Could not route to {elsewhere}, perhaps your object identifier is invalid?",
        "Model not found: minimax/m9",
        f"{USER}Validation error at temperature: Too big: expected number to be <=1",
        "Rate limited",
    ]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert ULID.fullmatch(answers[-1].headers["cf-aig-log-id"])
    assert answers[-1].headers["cf-aig-step"] == "0"
    assert all(answer.headers["cf-aig-event-id"] for answer in answers)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, 10000),
        ({"authorization": "Bearer wrong"}, 401, 10000),
        ({"authorization": "Basic cmlnaHQ="}, 400, 6003),
        ({"authorization": "Bearer"}, 400, 6003),
        ({"authorization": "Bearer right"}, 200, 0),
        ({"x-auth-email": "a@example.com", "x-auth-key": "right"}, 200, 0),
        ({"x-api-key": "right"}, 200, 0),
        ({"authorization": "Bearer the-providers-own", "cf-aig-authorization": "Bearer right"}, 200, 0),
        ({"cf-aig-authorization": "Bearer wrong"}, 401, 10000),
    ],
)
async def test_who_may_call(headers: dict[str, str], status: int, code: int) -> None:
    async with asking(HI, HI, keys=("right",)) as served:
        rest = await served.chat(CHAT, HELLO, **headers)
        host = await served.chat(f"{HOST}/compat/chat/completions", HELLO, **headers)
    assert rest.status_code == status
    if code:
        body = rest.json()
        assert list(body) == ["result", "success", "errors", "messages", "error"]
        assert isinstance(body["error"]["message"], str), "what OpenAI's clients show"
        assert (body["result"], body["success"], body["errors"][0]["code"]) == (None, False, code)
        assert host.status_code == 401
        assert host.json()["error"] == [{"code": 2009, "message": "Unauthorized"}]
        assert host.headers["www-authenticate"] == "Bearer"
    if code == 6003:
        chain = [{"code": 6111, "message": "Invalid format for Authorization header"}]
        assert body["errors"] == [{"code": 6003, "message": "Invalid request headers", "error_chain": chain}]


async def test_accounts_belong_to_keys() -> None:
    other, everybodys = "f" * 32, "e" * 32
    named = {"one": KeySettings(secret="one", accounts=(ACCOUNT,)), "two": KeySettings(secret="two", accounts=(other,))}
    settings = CloudflareSettings(accounts=(everybodys,))
    async with asking(*[HI] * 4, keys=("three",), named_keys=named, cloudflare=settings) as served:

        async def tried(account: str, key: str) -> int:
            path = CHAT.replace(ACCOUNT, account)
            return (await served.chat(path, authorization=f"Bearer {key}")).status_code

        assert [await tried(ACCOUNT, "one"), await tried(everybodys, "two")] == [200, 200]
        assert [await tried(ACCOUNT, "two"), await tried(other, "one"), await tried("a" * 32, "one")] == [403, 403, 404]
        logs = {"authorization": "Bearer two"}
        assert (await served.client.get(LOGS, headers=logs)).status_code == 403
        host = await served.chat(f"{HOST}/compat/chat/completions", authorization="Bearer two")
        assert (host.status_code, host.json()["error"][0]["code"]) == (401, 2009)
        nowhere = await served.chat(f"/v1/{'a' * 32}/default/compat/chat/completions", authorization="Bearer two")
        assert (nowhere.status_code, nowhere.json()["internalCode"]) == (400, 2001)
        # The binding names no account: it is its key's own.
        run = {"cf_consn_model_id": "minimax/m2.7", "authorization": "Bearer two"}
        bound = await served.chat("/run", {"inputs": INPUTS}, **run)
        path = f"/ai-gateway/gateways/default/logs/{bound.headers['cf-aig-log-id']}"
        assert (await served.client.get(path, headers=logs)).status_code == 200
        assert (await served.client.get(path, headers={"authorization": "Bearer one"})).status_code == 404
        assert (await served.client.get(f"/client/v4/accounts/{other}{path}", headers=logs)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "message"),
    [
        ("compat/chat/completions", HELLO | {"model": "gpt-5"}, 400, 2019, "Chat completion bad format"),
        ("compat/chat/completions", HELLO | {"model": "openai/gpt-5"}, 400, 2008, "Invalid provider"),
        ("compat/chat/completions", HELLO | {"model": "minimax/m9"}, 404, 7003, "Model not found: minimax/m9"),
        ("openai/chat/completions", HELLO, 400, 2008, "Invalid provider"),
        ("workers-ai/run/minimax/m9", INPUTS, 404, 7003, "Model not found: minimax/m9"),
        ("", [{"provider": "openai", "endpoint": "chat/completions", "query": HELLO}], 400, 2008, "Invalid provider"),
    ],
)
async def test_errors_of_the_gateway_host(path: str, body: Any, status: int, code: int, message: str) -> None:
    async with asking() as served:
        answer = await served.chat(f"{HOST}/{path}", body)
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, [{"code": code, "message": message}])
    assert list(told) == [
        "success", "result", "messages", "error", "name", "httpCode", "internalCode", "message", "description",
        "requestId",
    ]  # fmt: skip
    assert (told["success"], told["result"], told["messages"], told["name"]) == (False, [], [], "AiGatewayError")
    assert (told["httpCode"], told["internalCode"], told["message"]) == (status, code, message)


async def test_paths_and_methods_that_are_not_there() -> None:
    async with asking() as served:
        for method, path, status, code in (
            ("GET", CHAT, 405, 7001),
            ("POST", f"{BASE}/ai/v2/chat", 404, 7003),
            ("PUT", f"{BASE}/ai-gateway/gateways/default", 405, 7001),
            ("POST", "/client/v4/accounts/%00/ai/v1/chat/completions", 404, 7003),
        ):
            answer = await served.client.request(method, path)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), path
        long = await served.chat(f"/v1/{ACCOUNT}/{'g' * 65}/compat/chat/completions")
        assert (long.status_code, long.json()["internalCode"]) == (400, 2001)
        lost = await served.client.get(f"{HOST}/nothing")
        assert (lost.status_code, lost.json()["name"]) == (404, "AiGatewayError")


async def test_a_stream_tells_usage_on_its_last_chunk_and_is_never_cached() -> None:
    async with asking(HI, HI, cache_ttl_s=300) as served:
        body = HELLO | {"stream": True}
        answers = [await served.chat(CHAT, body), await served.chat(f"{BASE}/ai/run/minimax/m2.7", body)]
        again = await served.chat(CHAT, body)
        assert again.status_code == 500, "the engine was asked again, and has no third answer"
    for answer in answers:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "cf-aig-cache-status" not in answer.headers
        *chunks, done, rest = answer.text.split("\n\n")
        assert (done, rest) == ("data: [DONE]", "")
        parsed = [json.loads(chunk.removeprefix("data: ")) for chunk in chunks]
        assert [chunk["usage"] for chunk in parsed[:-1]] == [None] * (len(parsed) - 1)
        assert parsed[-1]["usage"]["total_tokens"] == 30
        assert parsed[-1]["choices"][0]["finish_reason"] == "stop"
        assert parsed[-1]["gatewayMetadata"] == {"keySource": "Unified"}


async def test_a_cached_answer_is_the_same_to_the_byte() -> None:
    async with asking(HI, HI, cache_ttl_s=300) as served:
        first = await served.chat()
        second = await served.chat(cf_aig_metadata='{"team":"x"}', cf_aig_custom_cost='{"total_cost":7}')
        fresh = await served.chat(cf_aig_skip_cache="true")
        log = await served.logs()
    assert [answer.headers["cf-aig-cache-status"] for answer in (first, second, fresh)] == ["MISS", "HIT", "MISS"]
    assert first.content == second.content != fresh.content
    assert second.headers["x-maxserve-checkpoint"] == "replayed"
    assert first.headers["cf-aig-log-id"] != second.headers["cf-aig-log-id"]
    assert [line["cached"] for line in log] == [False, True, False]
    hit = log[1]
    assert (hit["cost"], hit["tokens_in"], hit["tokens_out"], hit["custom_cost"]) == (0, 0, 0, False)
    assert log[0]["cost"] == pytest.approx((6 * 0.3 + 4 * 0.06 + 20 * 1.2) / 1e6)


async def test_a_key_of_ones_own_and_a_time_of_ones_own() -> None:
    async with asking(*[HI] * 5) as served:
        keyed = [await served.chat(CHAT, HELLO | {"max_tokens": n}, cf_aig_cache_key="k") for n in (50, 60)]
        assert [answer.headers["cf-aig-cache-status"] for answer in keyed] == ["MISS", "HIT"]
        # The same key in another form must not give a body that its client cannot read.
        run = await served.chat(f"{BASE}/ai/run/minimax/m2.7", INPUTS, cf_aig_cache_key="k")
        assert (run.headers["cf-aig-cache-status"], next(iter(run.json()))) == ("MISS", "result")
        timed = [await served.chat(cf_aig_cache_ttl="60") for _ in range(2)]
        assert [answer.headers["cf-aig-cache-status"] for answer in timed] == ["MISS", "HIT"]
        off = await served.chat(cf_aig_cache_ttl="0")
        assert "cf-aig-cache-status" not in off.headers
        for ttl in ("59", "-1", "nan", "2678401", "soon"):
            refused = await served.chat(cf_aig_cache_ttl=ttl)
            assert (refused.status_code, "cf-aig-cache-ttl" in refused.text) == (400, True), ttl


async def test_the_cache_is_never_shared_across_accounts_gateways_and_masks() -> None:
    body = HELLO | {"mask_sensitive_info": False}
    policy = MaskingSettings(enabled=True)
    async with asking(*[HI] * 4, cache_ttl_s=300, masking=policy) as served:
        ways = [
            await served.chat(CHAT, body),
            await served.chat(CHAT.replace(ACCOUNT, "f" * 32), body),
            await served.chat(CHAT, body, cf_aig_gateway_id="other"),
            await served.chat(CHAT, HELLO | {"mask_sensitive_info": True}, cf_aig_cache_key="k"),
        ]
        assert {way.headers["cf-aig-cache-status"] for way in ways} == {"MISS"}
        plain = await served.chat(CHAT, body, cf_aig_cache_key="k")
        assert plain.status_code == 500, "the engine was asked again, and has no fifth answer"


async def test_errors_are_not_cached() -> None:
    async with asking([EngineCrashed("The engine ended.")], HI, cache_ttl_s=300) as served:
        assert [(await served.chat()).status_code for _ in range(2)] == [502, 200]


@pytest.mark.parametrize("technique", ["fixed", "sliding"])
async def test_a_rate_limit_under_two_hundred_at_once(technique: str) -> None:
    limit: dict[str, Any] = {"rate_limit": 30, "rate_interval_s": 3600, "rate_technique": technique}
    async with asking(*[HI] * 31, **limit) as served:
        answers = await asyncio.gather(*(served.chat() for _ in range(200)))
        other = await served.chat(CHAT.replace(ACCOUNT, "f" * 32))
        log = await served.logs("&success=false")
    by_status = [answer.status_code for answer in answers]
    assert (by_status.count(200), by_status.count(429), other.status_code) == (30, 170, 200)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert len(log) == 100  # a page
    assert {(line["status_code"], line["cost"]) for line in log} == {(429, 0)}


async def test_a_budget_under_two_hundred_at_once_is_never_exceeded_and_exact_afterwards() -> None:
    rule = SpendLimit(id="day", limit=0.002, window_s=86_400)
    most = (77 * 0.3 + 100 * 1.2) / 1e6
    one = (6 * 0.3 + 4 * 0.06 + 20 * 1.2) / 1e6
    async with asking(*[HI] * 200, spend_limits=(rule,)) as served:
        answers = await asyncio.gather(*(served.chat(CHAT, HELLO | {"max_tokens": 100}) for _ in range(200)))
        database = await served.state.storage.database()
        used, held = await database.read(
            lambda c: c.execute(select(func.sum(WINDOWS.c.used), func.sum(WINDOWS.c.held))).one()
        )
    answered = sum(answer.status_code == 200 for answer in answers)
    assert answered * one <= 0.002
    assert answered >= int(0.002 / most) > 10
    assert (int(used), int(held)) == (round(one * 1e9) * answered, 0)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["errors"] == [
        {
            "message": "Spend limit exceeded: rule 'day' (cost limit 0.002 per 86400s, fixed) for minimax MiniMax-M2.7",
            "code": 2041,
        }
    ]
    assert int(refused.headers["retry-after"]) > 1


async def test_what_fails_is_tried_again_and_paid_once() -> None:
    crash: Script = [*said("They "), EngineCrashed("The engine ended.")]
    async with asking(crash, crash, HI, crash, crash, crash) as served:
        tries = {"cf_aig_max_attempts": "3", "cf_aig_retry_delay": "0", "cf_aig_backoff": "linear"}
        good = await served.chat(**tries)
        bad = await served.chat(**tries)
        log = await served.logs()
    assert (good.status_code, content(good)) == (200, "Hi!")
    assert (bad.status_code, bad.json()["errors"][0]["code"]) == (502, 2005)
    assert len(served.engine.asked) == 6
    assert [(line["success"], line["tokens_out"]) for line in log] == [(True, 20), (False, 0)]
    assert log[1]["cost"] == 0, "what failed costs nothing"


async def test_pauses_between_attempts_grow_as_the_back_off_says(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("maxserve.server.gateway.asyncio.sleep", noted)
    crash: Script = [EngineCrashed("The engine ended.")]
    for backoff, wanted in (("constant", [0.1] * 3), ("linear", [0.1, 0.2, 0.3]), ("exponential", [0.1, 0.2, 0.4])):
        pauses.clear()
        async with asking(*[crash] * 4) as served:
            headers = {"cf_aig_max_attempts": "4", "cf_aig_retry_delay": "100", "cf_aig_backoff": backoff}
            assert (await served.chat(**headers)).status_code == 502
        assert pauses == pytest.approx(wanted)


class Slow(Replay):
    """Says nothing the first `silent` times; then speaks, and stops in the middle where `stuck`."""

    def __init__(self, *scripts: Script, silent: int = 0, stuck: bool = False) -> None:
        super().__init__(*scripts)
        self.silent, self.stuck, self.reached = silent, stuck, asyncio.Event()

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        async for pieces in super().generate(completion):
            if len(self.asked) <= self.silent:
                await asyncio.Event().wait()
            yield pieces
        if self.stuck:
            self.reached.set()
            await asyncio.Event().wait()


async def test_an_answer_that_does_not_begin_in_time() -> None:
    async with asking(engine=Slow(HI, HI, HI, silent=2)) as served:
        late = await served.chat(cf_aig_request_timeout="20")
        assert (late.status_code, late.json()["errors"][0]["code"]) == (504, 3007)
        again = await served.chat(cf_aig_request_timeout="20", cf_aig_max_attempts="2", cf_aig_retry_delay="0")
        assert (again.status_code, content(again)) == (200, "Hi!")
        assert served.state.service.admission.inside == 0
    assert served.engine.closed_early == 2


async def test_steps_are_tried_in_their_order() -> None:
    crash: Script = [*said("They "), EngineCrashed("The engine ended.")]
    steps = [
        {"provider": "openai", "endpoint": "chat/completions", "query": HELLO},
        {"provider": "workers-ai", "endpoint": "run/minimax/m9", "query": INPUTS},
        {"provider": "workers-ai", "endpoint": "run/minimax/m2.7", "query": INPUTS | {"temperature": 3}},
        {"provider": "workers-ai", "endpoint": "run/minimax/m2.7", "query": INPUTS},
        {
            "provider": "compat",
            "endpoint": "chat/completions",
            "query": HELLO,
            "headers": {"cf-aig-event-id": "mine", "cf-aig-max-attempts": 1},
            "config": {"maxAttempts": 2, "retryDelay": 0},
        },
    ]
    rule = SpendLimit(id="day", limit=1, window_s=86_400)
    async with asking(crash, crash, HI, spend_limits=(rule,)) as served:
        answer = await served.chat(HOST, steps)
        log = await served.logs()
        database = await served.state.storage.database()
        held = await database.read(lambda c: c.execute(select(func.sum(WINDOWS.c.held))).scalar_one())
    assert (answer.status_code, content(answer)) == (200, "Hi!")
    assert (answer.headers["cf-aig-step"], answer.headers["cf-aig-event-id"]) == ("4", "mine")
    assert len(served.engine.asked) == 3, "the step's own config, before its headers, allowed a second attempt"
    assert [(line["step"], line["status_code"], line["success"]) for line in log] == [(3, 502, False), (4, 200, True)]
    assert len({line["id"] for line in log}) == 2
    assert log[-1]["id"] == answer.headers["cf-aig-log-id"]
    assert int(held) == 0, "a step that failed holds nothing of the budget"


async def test_the_last_steps_error_is_told() -> None:
    steps = [{"provider": "workers-ai", "endpoint": f"run/minimax/m{n}", "query": INPUTS} for n in (8, 9)]
    async with asking() as served:
        answer = await served.chat(HOST, steps)
        empty = await served.chat(HOST, [])
    assert (answer.status_code, answer.json()["message"]) == (404, "Model not found: minimax/m9")
    assert empty.status_code == 400


async def test_a_client_that_hangs_up_pays_for_what_was_made() -> None:
    engine = Slow([*said("They ", "greet.", "\n</think>\n\n", "Hi")], stuck=True)
    rule = SpendLimit(id="day", limit=1, window_s=86_400)
    body = json.dumps(HELLO | {"stream": True}).encode()
    async with asking(engine=engine, spend_limits=(rule,)) as served:
        messages = [{"type": "http.request", "body": body}]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await engine.reached.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            pass

        scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": [], "root_path": ""}
        await served.app(scope, receive, send)
        (line,) = await served.logs()
        database = await served.state.storage.database()
        used, held = await database.read(lambda c: c.execute(select(WINDOWS.c.used, WINDOWS.c.held)).one())
    assert (line["success"], line["status_code"], line["tokens_out"]) == (False, 200, 4)
    assert line["cost"] > 0
    assert (used, held) == (round(line["cost"] * 1e9), 0)
    assert served.state.service.admission.inside == 0


async def test_a_line_of_the_log_is_shown_judged_and_forgotten() -> None:
    async with asking(HI, HI, HI) as served:
        metadata = json.dumps({"team": "x", "n": 1, "ok": True, "none": None, "f": 0.5, "sixth": 6})
        first = await served.chat(
            cf_aig_metadata=metadata, cf_aig_event_id="e-1", cf_aig_custom_cost='{"per_token_in":1,"per_token_out":0.5}'
        )
        assert first.headers["cf-aig-event-id"] == "e-1"
        await served.chat(cf_aig_metadata='{"team":{"deep":1}}', cf_aig_collect_log_payload="false")
        silent = await served.chat(cf_aig_collect_log="false")
        assert "cf-aig-log-id" not in silent.headers
        one, two = await served.logs()
        assert json.loads(one["metadata"]) == {"team": "x", "n": 1, "ok": True, "none": None, "f": 0.5}
        assert json.loads(two["metadata"]) == {}, "one nested value makes all of it worthless"
        assert (one["cost"], one["custom_cost"], one["provider"], one["model"]) == (20, True, "minimax", "MiniMax-M2.7")
        assert (one["tokens_in"], one["tokens_out"], one["success"], one["status_code"]) == (10, 20, True, 200)
        path = f"{LOGS}/{one['id']}"
        shown = (await served.client.get(path)).json()["result"]
        assert json.loads(shown["request_head"]) == HELLO
        assert (shown["request_head_complete"], shown["response_head_complete"]) == (True, True)
        assert (await served.client.get(f"{path}/response")).json()["result"] == first.json()
        assert (await served.client.get(f"{path}/request")).json()["result"] == HELLO
        assert (await served.client.get(f"{LOGS}/{two['id']}/request")).status_code == 404
        judged = await served.client.patch(path, json={"score": 0.5, "feedback": 1, "metadata": {"team": "y"}})
        assert (judged.json()["result"]["score"], judged.json()["result"]["feedback"]) == (0.5, 1)
        assert json.loads(judged.json()["result"]["metadata"]) == {"team": "y"}
        back = await served.client.patch(path, json={"feedback": None})
        assert (back.json()["result"]["score"], back.json()["result"]["feedback"]) == (0.5, None)
        assert (await served.client.patch(path, json={"feedback": 2})).status_code == 400
        assert [line["id"] for line in await served.logs("&event_id=e-1&min_cost=19&max_cost=21")] == [one["id"]]
        refused = await served.client.delete(f"{LOGS}?filters[0][key]=id")
        assert (refused.status_code, len(await served.logs())) == (400, 2), "an unknown filter deletes nothing"
        assert (await served.client.delete(f"{LOGS}?event_id=e-1")).json()["success"] is True
        assert [line["id"] for line in await served.logs()] == [two["id"]]
        assert (await served.client.get(path)).status_code == 404


async def test_what_is_masked_is_not_in_the_log_either() -> None:
    secret = "ada@example.com"
    said_it: Script = [*said("They ask.", "\n</think>\n\n", f"Mail {secret}!"), end(prompt=10, completion=20)]
    body = HELLO | {"messages": [{"role": "user", "content": f"I am {secret}."}]}
    async with asking(said_it, said_it, masking=MaskingSettings(enabled=False)) as served:
        await served.chat(CHAT, body | {"mask_sensitive_info": True})
        await served.chat(CHAT, body)
        masked, plain = [
            (await served.client.get(f"{LOGS}/{line['id']}")).json()["result"] for line in await served.logs()
        ]
    assert secret in plain["request_head"]
    assert secret in plain["response_head"]
    assert secret not in masked["request_head"] + masked["response_head"]
    assert json.loads(masked["request_head"])["messages"][0]["content"] == "I am ***."


async def test_pages_really_end() -> None:
    async with asking() as served:
        for path in (f"{BASE}/ai/models/search", f"{BASE}/ai-gateway/gateways", LOGS):
            page, seen = 1, 0
            while found := (await served.client.get(f"{path}?page={page}&per_page=1")).json():
                assert list(found) == ["result", "success", "errors", "messages", "result_info"]
                assert found["result_info"] | {"total_count": 0} == {
                    "page": page, "per_page": 1, "count": len(found["result"]), "total_count": 0,
                }  # fmt: skip
                if not found["result"]:
                    break
                page, seen = page + 1, seen + len(found["result"])
            assert seen == found["result_info"]["total_count"]
        for query, name in (
            ("page=0", "page"), ("per_page=101", "per_page"), ("model=%00", "model"), ("start_date=soon", "start_date"),
            ("order_by=id", "order_by"), ("success=1", "success"), ("min_cost=nan", "min_cost"), ("what=1", "what"),
        ):  # fmt: skip
            refused = await served.client.get(f"{LOGS}?{query}")
            told = refused.json()["errors"][0]["message"]
            assert (refused.status_code, told.startswith(f"{USER}Invalid value at {name}: ")) == (400, True), told
        assert (await served.client.get(f"{LOGS}/%00")).status_code == 404
        assert (
            await served.client.get(f"{LOGS}?start_date=0001-01-01&end_date=2026-11-21T12:00:00Z")
        ).status_code == 200
        wrong = await served.client.get(f"{LOGS}?page=²")
        assert (wrong.status_code, "page" in wrong.json()["errors"][0]["message"]) == (400, True)


async def test_the_catalogue_the_token_and_the_gateways() -> None:
    gateways = {"team": GatewaySettings(rate_limit=5, cache_ttl_s=60)}
    async with asking(keys=("right",), gateways=gateways) as served:
        served.client.headers["authorization"] = "Bearer right"
        models = (await served.client.get(f"{BASE}/ai/models/search")).json()["result"]
        assert {model["name"] for model in models} >= {"minimax/m2.7", "minimax/m3"}
        assert list(models[0]) == ["id", "source", "name", "description", "task", "tags", "properties"]
        schema = (await served.client.get(f"{BASE}/ai/models/schema?model=minimax/m3")).json()["result"]
        assert schema["input"]["required"] == ["messages"]
        openai = (await served.client.get(f"{BASE}/ai/v1/models")).json()
        assert {model["id"] for model in openai["data"]} >= {"minimax/m2.7", "minimax/m3"}
        token = (await served.client.get("/client/v4/user/tokens/verify")).json()
        assert (token["result"]["status"], token["messages"][0]["code"]) == ("active", 10000)
        team = (await served.client.get(f"{BASE}/ai-gateway/gateways/team")).json()["result"]
        assert (team["id"], team["is_default"], team["rate_limiting_limit"], team["cache_ttl"]) == (
            "team",
            False,
            5,
            60,
        )
        rest = await served.client.get(f"{BASE}/ai-gateway/gateways/team/url/workers-ai")
        assert rest.json()["result"] == f"http://test/v1/{ACCOUNT}/team/workers-ai"
        binding = await served.client.get("/ai-gateway/gateways/team/url/universal")
        assert binding.json()["result"] == {"url": f"http://test/v1/{'0' * 32}/team"}
        served.client.headers["authorization"] = "Bearer wrong"
        for path in (f"{BASE}/ai/models/search", LOGS, "/client/v4/user/tokens/verify"):
            assert (await served.client.get(path)).status_code == 401


async def test_the_bindings_options_go_before_its_headers() -> None:
    async with asking(HI, HI) as served:
        options = {"gateway": {"id": "mine", "cacheKey": "k", "metadata": {"n": 2**70}, "eventId": "e"}}
        headers = {
            "cf_consn_model_id": "minimax/m2.7",
            "cf_aig_event_id": "other",
            "cf_aig_custom_cost": '{"total_cost":3}',
        }
        body = {"inputs": INPUTS, "options": options}
        answers = [await served.chat("/ai-gateway/run", body, **headers) for _ in range(2)]
        assert [answer.headers["cf-aig-cache-status"] for answer in answers] == ["MISS", "HIT"]
        assert answers[0].headers["cf-aig-event-id"] == "e"
        line = (await served.logs(path="/ai-gateway/gateways/mine/logs"))[0]
        assert (json.loads(line["metadata"]), line["cost"]) == ({"n": str(2**70)}, 3)
        options["gateway"]["eventId"] = "a\r\nset-cookie: b"
        broken = await served.chat("/ai-gateway/run", body, **headers)
    assert (broken.status_code, broken.json()["internalCode"]) == (400, 7003)
    assert broken.json()["description"].startswith(
        "User Input Error: Invalid value at eventId: eventId must have at most"
    )
