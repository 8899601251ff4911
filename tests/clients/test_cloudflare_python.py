"""The real clients for Python as Cloudflare's customers point them: `cloudflare`, `openai` and `anthropic`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import anthropic
import cloudflare
import openai
import pytest
from anthropic.types import TextBlock
from cloudflare import Cloudflare

from tests.support.serving import Served, serving

ACCOUNT = "0123456789abcdef0123456789abcdef"
BASE = f"/client/v4/accounts/{ACCOUNT}"
KEY = "cf-token"
MODELS = ["minimax/m2.7", "minimax/m3"]
CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
SETTINGS = f"""\
[auth]
keys = ["{KEY}"]

[cloudflare]
accounts = ["{ACCOUNT}"]

[gateways.tight]
rate_limit = 1
rate_interval_s = 1

[gateways.kept]
cache_ttl_s = 300

[[gateways.poor.spend_limits]]
id = "nothing-left"
limit = 0.000001
window_s = 86400
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("cloudflare") / "maxserve.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    with serving("--config", str(Path(file))) as running:
        yield running


def client_of(served: Served, **more: Any) -> Cloudflare:
    return Cloudflare(**{"api_token": KEY, "base_url": f"{served.url}/client/v4", "max_retries": 0, **more})


@pytest.fixture
def client(guarded: Served) -> Iterator[Cloudflare]:
    with client_of(guarded) as made:
        yield made


@pytest.mark.parametrize("model", MODELS)
def test_run(client: Cloudflare, model: str) -> None:
    result: Any = client.ai.run(model, account_id=ACCOUNT, messages=CAPITAL, max_tokens=200, temperature=0)
    assert "Paris" in result["choices"][0]["message"]["content"]
    assert list(result)[-1] == "gatewayMetadata"
    same: Any = client.post(
        f"/accounts/{ACCOUNT}/ai/run",
        body={"model": model, "input": {"messages": CAPITAL, "max_tokens": 200, "temperature": 0}},
        cast_to=object,
    )
    assert same["result"]["choices"] == result["choices"]


def test_run_streams_where_its_response_is_taken_raw(client: Cloudflare) -> None:
    with client.ai.with_streaming_response.run(
        "minimax/m3", account_id=ACCOUNT, messages=CAPITAL, max_tokens=200, temperature=0, stream=True
    ) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert "Paris" in "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert chunks[-1]["usage"]["completion_tokens"] > 0


def test_models_are_listed_to_the_end(client: Cloudflare) -> None:
    for more in ({}, {"per_page": 1}):
        names = [item["name"] for item in islice(client.ai.models.list(account_id=ACCOUNT, **more), 100)]  # type: ignore[index, arg-type]
        assert sorted(set(names)) == sorted(names)
        assert {*MODELS} <= {*names}
    assert not list(client.ai.models.list(account_id=ACCOUNT, search="llama"))
    schema = client.ai.models.schema.get(account_id=ACCOUNT, model="minimax/m3")
    assert (schema.input.type, schema.input.additional_properties) == ("object", True)
    assert client.user.tokens.verify().status == "active"  # type: ignore[union-attr]


def test_errors_have_their_classes_and_codes(guarded: Served, client: Cloudflare) -> None:
    asked: Any = {"account_id": ACCOUNT, "messages": CAPITAL, "max_tokens": 5}
    with pytest.raises(cloudflare.NotFoundError) as lost:
        client.ai.run("minimax/m9", **asked)
    assert [(error.code, error.message) for error in lost.value.errors] == [(7003, "Model not found: minimax/m9")]
    with pytest.raises(cloudflare.BadRequestError) as wrong:
        client.ai.run("minimax/m3", **asked, temperature=3)
    assert (wrong.value.errors[0].message or "").endswith("temperature: Too big: expected number to be <=1")
    with pytest.raises(cloudflare.NotFoundError, match="Could not route"):
        client.ai.run("minimax/m3", **{**asked, "account_id": "f" * 32})
    with (
        client_of(guarded, api_token="another") as stranger,
        pytest.raises(cloudflare.AuthenticationError, match="10000"),
    ):
        stranger.ai.run("minimax/m3", **asked)
    with pytest.raises(cloudflare.RateLimitError, match="Spend limit exceeded: rule 'nothing-left'"):
        client.ai.run("minimax/m3", **asked, extra_headers={"cf-aig-gateway-id": "poor"})


def test_what_is_refused_for_its_rate_comes_through_when_the_client_tries_again(guarded: Served) -> None:
    asked: Any = {"account_id": ACCOUNT, "messages": CAPITAL, "max_tokens": 2}
    asked["extra_headers"] = {"cf-aig-gateway-id": "tight"}

    def many(client: Cloudflare) -> None:
        for _ in range(20):
            client.ai.run("minimax/m3", **asked)

    with client_of(guarded) as impatient, pytest.raises(cloudflare.RateLimitError) as refused:
        many(impatient)
    assert int(refused.value.response.headers["retry-after"]) == 1
    with client_of(guarded, max_retries=5) as patient:
        for _ in range(2):
            assert patient.ai.run("minimax/m3", **asked)


def test_the_cache_and_the_log_as_the_client_sees_them(client: Cloudflare) -> None:
    asked: Any = {"account_id": ACCOUNT, "messages": CAPITAL, "max_tokens": 20}
    asked["extra_headers"] = {"cf-aig-gateway-id": "kept", "cf-aig-metadata": '{"team":"x"}'}
    raw = [client.ai.with_raw_response.run("minimax/m3", **asked) for _ in range(2)]
    assert [answer.headers["cf-aig-cache-status"] for answer in raw] == ["MISS", "HIT"]
    assert raw[0].text() == raw[1].text()
    where: Any = {"account_id": ACCOUNT, "gateway_id": "kept"}
    lines = list(islice(client.ai_gateway.logs.list(**where, per_page=1, order_by_direction="asc"), 10))
    assert [line.cached for line in lines] == [False, True]
    log_id = lines[0].id
    assert log_id == raw[0].headers["cf-aig-log-id"]
    shown = client.ai_gateway.logs.get(log_id, **where)
    assert shown is not None
    assert json.loads(shown.metadata or "") == {"team": "x"}
    assert json.loads(shown.request_head or "")["messages"] == CAPITAL
    told: Any = client.ai_gateway.logs.response(log_id, **where)  # the client does not open this envelope
    assert told["result"] == json.loads(raw[0].text())
    client.ai_gateway.logs.edit(log_id, **where, score=3, feedback=1)
    assert [line.id for line in client.ai_gateway.logs.list(**where, cached=False, feedback=1)] == [log_id]
    with pytest.raises(cloudflare.BadRequestError):
        client.ai_gateway.logs.delete(**where, filters=[{"key": "id", "operator": "eq", "value": ["x"]}])
    client.ai_gateway.logs.delete(**where)
    assert not list(client.ai_gateway.logs.list(**where))


def test_gateways_as_the_client_sees_them(guarded: Served, client: Cloudflare) -> None:
    found = {gateway.id: gateway for gateway in client.ai_gateway.list(account_id=ACCOUNT, per_page=2)}
    assert {*found} == {"default", "tight", "kept", "poor"}
    assert (found["tight"].rate_limiting_limit, found["kept"].cache_ttl) == (1, 300)
    poor = client.ai_gateway.get("poor", account_id=ACCOUNT)
    assert poor is not None
    assert poor.spend_limits is not None
    (rule,) = poor.spend_limits.rules or ()
    assert (rule.id, rule.limit, rule.window, rule.technique) == ("nothing-left", 0.000001, 86400, "fixed")
    url = client.ai_gateway.urls.get("workers-ai", account_id=ACCOUNT, gateway_id="kept")
    assert url == f"{guarded.url}/v1/{ACCOUNT}/kept/workers-ai"


@pytest.mark.parametrize("model", MODELS)
def test_openais_client(guarded: Served, model: str) -> None:
    with openai.OpenAI(base_url=f"{guarded.url}{BASE}/ai/v1", api_key=KEY, max_retries=0) as client:
        assert model in {each.id for each in client.models.list()}
        asked: Any = {"model": model, "messages": CAPITAL, "max_tokens": 200, "temperature": 0}
        whole = client.chat.completions.create(**asked)
        message: Any = whole.choices[0].message
        assert "Paris" in message.content
        assert whole.model_extra == {**(whole.model_extra or {}), "gatewayMetadata": {"keySource": "Unified"}}
        chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == message.content
        assert (chunks[-1].choices, chunks[-1].usage) == ([], chunks[-2].usage)
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens  # type: ignore[union-attr]
        with pytest.raises(openai.NotFoundError, match="Model not found: minimax/m9"):
            client.chat.completions.create(**asked | {"model": "minimax/m9"})
        with pytest.raises(openai.BadRequestError, match="Validation error at temperature"):
            client.chat.completions.create(**asked | {"temperature": 2})
        with pytest.raises(openai.RateLimitError, match="nothing-left"):
            client.chat.completions.create(**asked, extra_headers={"cf-aig-gateway-id": "poor"})


def test_openais_responses(guarded: Served) -> None:
    with openai.OpenAI(base_url=f"{guarded.url}{BASE}/ai/v1", api_key=KEY, max_retries=0) as client:
        response = client.responses.create(
            model="minimax/m3", input="What is the capital of France?", max_output_tokens=200, temperature=0
        )
    assert "Paris" in response.output_text


@pytest.mark.parametrize("base", ["/ai", "/ai/v1"])
def test_anthropics_client(guarded: Served, base: str) -> None:
    with anthropic.Anthropic(base_url=f"{guarded.url}{BASE}{base}", api_key=KEY, max_retries=0) as client:
        asked: Any = {"model": "minimax/m3", "max_tokens": 200, "messages": CAPITAL, "extra_body": {"temperature": 0}}
        message = client.messages.create(**asked)
        text = next(block.text for block in message.content if isinstance(block, TextBlock))
        assert "Paris" in text
        asked.pop("extra_body")
        with client.messages.stream(**asked) as stream:
            assert stream.get_final_message().stop_reason in ("end_turn", "max_tokens")
        with pytest.raises(anthropic.NotFoundError, match="minimax/m9"):
            client.messages.create(**asked | {"model": "minimax/m9"})
    with (
        anthropic.Anthropic(base_url=f"{guarded.url}{BASE}{base}", api_key="another", max_retries=0) as stranger,
        pytest.raises(anthropic.AuthenticationError) as refused,
    ):
        stranger.messages.create(**asked)
    assert refused.value.body["errors"][0]["code"] == 10000  # type: ignore[index]
