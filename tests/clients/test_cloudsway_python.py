"""The real `openai` client for Python as Cloudsway's customers point it: at their own path, and at the new style's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.support.serving import Served, serving

DEPLOYED = "MaaS_Minimax_M2.7_20260318"
CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


@pytest.fixture(scope="module")
def bound() -> Iterator[Served]:
    env = {"MAXSERVE_CLOUDSWAY_ENDPOINTS": "SOMEPATH=MiniMax-M2.7", "MAXSERVE_ENGINES_M2_THREADS": "1"}
    with serving("--context", "1024", "--without", "m3", env=env) as running:
        yield running


@pytest.fixture(params=["/v1/ai/SOMEPATH", "/cloudsway/v1"])
def client(bound: Served, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=bound.url + request.param, api_key="unused", max_retries=0) as made:
        yield made


def test_stream_and_whole_say_the_same(client: openai.OpenAI) -> None:
    split = {"reasoning_split": True}
    whole = client.chat.completions.create(model=DEPLOYED, messages=CAPITAL, temperature=0.01, seed=1, extra_body=split)
    message = whole.choices[0].message
    assert (whole.model, whole.choices[0].finish_reason) == (DEPLOYED, "stop")
    assert getattr(whole.choices[0], "native_finish_reason", None) == "stop"
    assert "Paris" in (message.content or "")
    (detail,) = getattr(message, "reasoning_details", [])
    stream = client.chat.completions.create(
        model=DEPLOYED, messages=CAPITAL, temperature=0.01, seed=1, extra_body=split,
        stream=True, stream_options={"include_usage": True},
    )  # fmt: skip
    content = thought = ""
    reasons, usage = [], None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            content += choice.delta.content or ""
            thought += "".join(part["text"] for part in getattr(choice.delta, "reasoning_details", []))
            reasons += [getattr(choice, "native_finish_reason", None)] if choice.finish_reason else []
    assert (content, thought, reasons) == (message.content, detail["text"], ["stop"])
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.rejected_prediction_tokens == 0
    assert 0 < (usage.completion_tokens_details.reasoning_tokens or 0) < usage.completion_tokens


def test_a_thought_nobody_asked_for_is_not_shown(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=DEPLOYED, messages=CAPITAL, temperature=0.01)
    message = answer.choices[0].message
    assert message.model_extra == {}
    assert "<think>" not in (message.content or "")
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.reasoning_tokens


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_a_call_that_is_demanded_comes(client: openai.OpenAI, choice: Any) -> None:
    answer = client.chat.completions.create(
        model=DEPLOYED, messages=CAPITAL, tools=WEATHER, tool_choice=choice, temperature=0.01, max_tokens=400
    )
    calls: Any = answer.choices[0].message.tool_calls
    assert answer.choices[0].finish_reason == "tool_calls"
    assert all(call.function.name == "get_weather" for call in calls)
    assert list(json.loads(calls[0].function.arguments)) == ["city"]


def test_json_that_is_demanded_comes(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=DEPLOYED,
        messages=[{"role": "user", "content": "Anna is 31 years old."}],
        response_format={"type": "json_object"},
        temperature=0.01,
    )
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_stop_and_penalties(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=DEPLOYED, messages=CAPITAL, temperature=0.01, stop=["Paris"], frequency_penalty=0.1, presence_penalty=-0.1
    )
    assert "Paris" not in (answer.choices[0].message.content or "")


def test_errors_are_the_client_s_own_classes(bound: Served) -> None:
    with (
        openai.OpenAI(base_url=f"{bound.url}/v1/ai/OTHER", api_key="unused", max_retries=0) as client,
        pytest.raises(openai.NotFoundError, match="OTHER"),
    ):
        client.chat.completions.create(model=DEPLOYED, messages=CAPITAL)
    with openai.OpenAI(base_url=f"{bound.url}/cloudsway/v1", api_key="unused", max_retries=0) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=DEPLOYED, messages=CAPITAL, temperature=0)
        assert (caught.value.param, caught.value.code) == ("temperature", "invalid_request")
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="MaaS_none", messages=CAPITAL)
        assert DEPLOYED in {model.id for model in client.models.list()}
