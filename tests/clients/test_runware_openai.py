"""The real `openai` client for Python, unmodified, at Runware's OpenAI-compatible door (docs/wire/runware.md §8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import Usage
from tests.support.serving import Served

AIR = "minimax:m2.7@0"
NAMES = [AIR, "minimax-m2-7", "minimax:m3@0"]
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


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as made:
        yield made


@pytest.mark.parametrize("model", NAMES)
def test_stream_and_whole_say_the_same(client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, max_completion_tokens=400)
    message = whole.choices[0].message
    assert whole.model == model
    assert whole.id.startswith("chatcmpl-")
    assert "Paris" in (message.content or "")
    assert "<think>" not in (message.content or ""), "here the thought has a field"
    stream = client.chat.completions.create(
        model=model,
        messages=CAPITAL,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
        max_tokens=400,
    )
    content = reasoning = ""
    reasons, last = [], None
    for chunk in stream:
        last = chunk
        for choice in chunk.choices:
            content += choice.delta.content or ""
            reasoning += getattr(choice.delta, "reasoning_content", None) or ""
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert (content, reasons) == (message.content, ["stop"])
    assert reasoning == getattr(message, "reasoning_content", "")
    assert last is not None
    assert last.choices == [], "usage comes alone, at the end"
    assert last.usage is not None
    assert whole.usage is not None
    assert last.usage.total_tokens == whole.usage.total_tokens


@pytest.mark.parametrize("stream", [False, True])
def test_the_cost_is_the_catalogues(client: openai.OpenAI, stream: bool) -> None:
    asked: dict[str, Any] = {"model": AIR, "messages": CAPITAL, "temperature": 0}
    if stream:
        *_, answer = client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    else:
        answer = client.chat.completions.create(**asked)
    usage = answer.usage
    assert usage is not None
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details is not None else 0
    price = Catalogue.load().resolve(AIR).price
    expected = price.cost(Usage(usage.prompt_tokens, usage.completion_tokens, cached=cached or 0))
    assert getattr(usage, "cost") == pytest.approx(expected, abs=1e-12)  # noqa: B009 - OpenAI's usage has none
    assert expected > 0


@pytest.mark.parametrize("model", [AIR, "minimax:m3@0"])
def test_tool_loop(client: openai.OpenAI, model: str) -> None:
    messages: Any = [{"role": "user", "content": "What is the weather in Oslo and Paris?"}]
    with client.chat.completions.stream(model=model, messages=messages, tools=WEATHER, temperature=0) as stream:
        asked = stream.get_final_completion().choices[0]
    assert asked.finish_reason == "tool_calls"
    calls = asked.message.tool_calls or []
    assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Oslo", "Paris"]
    results = {
        "Oslo": '{"temperature": 4, "condition": "snowy"}',
        "Paris": '{"temperature": 17, "condition": "sunny"}',
    }
    messages += [asked.message.model_dump(exclude_none=True)] + [
        {"role": "tool", "tool_call_id": call.id, "content": results[json.loads(call.function.arguments)["city"]]}
        for call in calls
    ]
    answer = client.chat.completions.create(model=model, messages=messages, tools=WEATHER, temperature=0).choices[0]
    assert answer.finish_reason == "stop"
    assert "17" in (answer.message.content or "")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "kind", "code", "parameter"),
    [
        ({"model": "minimax:m9@0"}, openai.NotFoundError, "unknownModel", "model"),
        ({"temperature": 9}, openai.BadRequestError, "invalidParameter", "temperature"),
    ],
)
def test_errors_have_both_forms(
    client: openai.OpenAI, fields: dict[str, Any], kind: type[openai.APIStatusError], code: str, parameter: str,
    stream: bool,
) -> None:  # fmt: skip
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**{"model": AIR, "messages": CAPITAL, "stream": stream} | fields)
    assert caught.value.param == parameter, "OpenAI's form, which the client reads"
    (error,) = caught.value.response.json()["errors"]
    assert (error["code"], error["parameter"]) == (code, parameter)


def test_the_doors_own_address(served: Served) -> None:
    """Under `/runware/v1` every name is answered in Runware's way, and the list of models is a bare array."""
    base = f"{served.url}/runware/v1"
    with openai.OpenAI(base_url=base, api_key="unused", max_retries=0) as client:
        answer = client.chat.completions.create(model="demo-m2", messages=CAPITAL, temperature=0)
    assert answer.usage is not None
    assert answer.usage.model_extra is not None
    assert "cost" in answer.usage.model_extra
    models = httpx.get(f"{base}/models").raise_for_status().json()
    assert AIR in {model["id"] for model in models}
