"""Runware's OpenAI-compatible door in the real server, for OpenAI's own client (docs/wire/runware.md §8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.support.serving import Served, serving

from .test_http import ask

KEY, FIXED = "sk-any-key-123", "sk-runware-key-123"
HI: Any = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    env = {"MAXSERVE_KEYS_FIXED_SECRET": FIXED, "MAXSERVE_KEYS_FIXED_FLAVOUR": "runware"}
    with serving("--key", KEY, "--without", "m3", env=env) as running:
        yield running


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key=KEY, max_retries=0) as made:
        yield made


def told(usage: Any) -> float:
    """Return the price that an answer tells, held to MiniMax's list."""
    cost = usage.cost
    assert isinstance(cost, float)
    cached = usage.prompt_tokens_details.cached_tokens
    fresh = usage.prompt_tokens - cached
    assert cost == pytest.approx((fresh * 0.3 + cached * 0.06 + usage.completion_tokens * 1.2) / 1e6)
    return cost


@pytest.mark.parametrize("model", ["minimax:m2.7@0", "minimax-m2-7"])
def test_an_answer(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=HI, max_completion_tokens=400, seed=3)
    assert (answer.id[:9], answer.model) == ("chatcmpl-", model)
    message: Any = answer.choices[0].message
    assert message.reasoning_content
    assert "<think>" not in (message.content or "")
    assert told(answer.usage) > 0


def test_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="minimax:m2.7@0", messages=HI, max_tokens=400, seed=3, stream=True, stream_options={"include_usage": True}
    )
    chunks: list[Any] = list(stream)
    thoughts = [chunk for chunk in chunks if chunk.choices and getattr(chunk.choices[0].delta, "reasoning_content", "")]
    assert thoughts
    assert told(chunks[-1].usage) > 0
    assert chunks[-1].choices == []


def test_errors_that_openai_s_client_reads(served: Served, client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="minimax:m9@0", messages=HI)
    assert "Did you mean minimax:m" in unknown.value.message
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="minimax:m2.7@0", messages=HI, temperature=9)
    assert wrong.value.param == "temperature"
    status, body, _ = ask(
        served, "POST", "/v1/chat/completions", json.dumps({"model": "minimax-m2-7", "messages": []}).encode(),
        {"authorization": f"Bearer {KEY}"},
    )  # fmt: skip
    assert (status, body["errors"][0]["code"], body["error"]["param"]) == (400, "invalidParameter", "messages")


def test_a_wrong_key(served: Served) -> None:
    with (
        openai.OpenAI(base_url=f"{served.url}/runware/v1", api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.chat.completions.create(model="minimax:m2.7@0", messages=HI)
    body: Any = caught.value.response.json()
    assert body["errors"][0]["code"] == "invalidApiKey"


def test_the_list_of_models_is_a_bare_array(served: Served) -> None:
    for path, key in (("/runware/v1/models", KEY), ("/v1/models", FIXED)):
        headers = {"authorization": f"Bearer {key}"}
        status, listed, _ = ask(served, "GET", path, headers=headers)
        assert status == 200
        assert listed[0]["id"] == "minimax:m2.7@0"
        for model in listed:
            assert ask(served, "GET", f"{path}/{model['id']}", headers=headers)[:2] == (200, model)
        status, body, _ = ask(served, "GET", f"{path}/gpt-9", headers=headers)
        assert (status, body["errors"][0]["code"]) == (404, "unknownModel")
