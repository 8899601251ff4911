"""The real `openai` client for Python with MiniMax's names and fields, as MiniMax's own guides use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from tests.support.serving import Served

MODELS = ["MiniMax-M2.7", "MiniMax-M3"]
CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
SPLIT: Any = {"reasoning_split": True}
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


@pytest.mark.parametrize("model", MODELS)
def test_whole_and_stream_say_the_same(client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0, max_tokens=80)
    stream = client.chat.completions.create(
        model=model, messages=CAPITAL, temperature=0, max_tokens=80, stream=True, stream_options={"include_usage": True}
    )
    content, reasons, usage = "", [], None
    for chunk in stream:
        assert usage is None, "the usage frame is the last"
        usage = chunk.usage
        for choice in chunk.choices:
            content += choice.delta.content or ""
            assert choice.delta.role == "assistant"
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert content == whole.choices[0].message.content
    assert "Paris" in content
    assert reasons == [whole.choices[0].finish_reason]
    assert usage is not None
    assert whole.usage is not None
    assert (usage.total_tokens, usage.prompt_tokens) == (whole.usage.total_tokens, whole.usage.prompt_tokens)
    if model == "MiniMax-M2.7":
        assert content.startswith("<think>\n")
        assert content.count("</think>") == 1
    assert whole.model_extra is not None
    assert whole.model_extra["base_resp"] == {"status_code": 0, "status_msg": ""}


def test_split_thoughts(client: openai.OpenAI) -> None:
    def asked(**fields: Any) -> Any:
        return client.chat.completions.create(
            model="MiniMax-M2.7", messages=CAPITAL, temperature=0, max_tokens=80, extra_body=SPLIT, **fields
        )

    message = asked().choices[0].message
    assert "<think>" not in message.content
    assert message.reasoning_content == message.reasoning_details[0]["text"] != ""
    # As OpenAI's norm has it, not as MiniMax's own example client expects: new text only.
    deltas = [choice.delta for chunk in asked(stream=True) for choice in chunk.choices]
    details = [delta.reasoning_details[0]["text"] for delta in deltas if hasattr(delta, "reasoning_details")]
    assert "".join(details) == message.reasoning_content
    assert "".join(delta.content for delta in deltas) == message.content


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("model", MODELS)
def test_tool_loop(client: openai.OpenAI, model: str, split: bool) -> None:
    messages: Any = [{"role": "user", "content": "What is the weather in Oslo?"}]
    body: Any = {"reasoning_split": split}
    fixed: Any = {"model": model, "tools": WEATHER, "temperature": 0, "max_tokens": 160, "extra_body": body}
    asked = client.chat.completions.create(messages=messages, **fixed).choices[0]
    assert asked.finish_reason == "tool_calls"
    (call,) = asked.message.tool_calls or []
    assert json.loads(call.function.arguments) == {"city": "Oslo"}
    assert call.id.startswith("call_function_")
    # The whole message goes back, thought included, as the guides ask for.
    messages += [
        asked.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": '{"temperature": 4, "condition": "snowy"}'},
    ]
    answer = client.chat.completions.create(messages=messages, **fixed).choices[0]
    assert answer.finish_reason == "stop"
    assert "4" in (answer.message.content or "")


@pytest.mark.parametrize("model", MODELS)
def test_streamed_tool_calls(client: openai.OpenAI, model: str) -> None:
    stream = client.chat.completions.create(
        model=model, tools=WEATHER, temperature=0, max_tokens=160, stream=True, extra_body=SPLIT,
        messages=[{"role": "user", "content": "What is the weather in Oslo and Paris?"}],
    )  # fmt: skip
    names, arguments = [], ["", ""]
    for chunk in stream:
        for piece in chunk.choices[0].delta.tool_calls or ():
            assert piece.function is not None
            names += [piece.function.name] if piece.function.name else []
            arguments[piece.index] += piece.function.arguments or ""
    assert names == ["get_weather"] * 2
    assert [json.loads(text) for text in arguments] == [{"city": "Oslo"}, {"city": "Paris"}]


def test_the_accumulating_helper_joins_what_every_chunk_repeats(client: openai.OpenAI) -> None:
    # So it does with MiniMax's own streams; under OpenAI's names roles come once.
    def role(model: str) -> str:
        with client.chat.completions.stream(model=model, messages=CAPITAL, temperature=0) as stream:
            return stream.get_final_completion().choices[0].message.role

    assert role("minimax/m2.7") == "assistant"
    assert role("MiniMax-M2.7").startswith("assistantassistant")


def test_what_the_service_ignores_works_here(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="MiniMax-M2.7", messages=CAPITAL, n=2, seed=1, max_tokens=80, stop=["capital"], extra_body=SPLIT
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert not any("capital" in (choice.message.content or "") for choice in answer.choices)
    forced = client.chat.completions.create(
        model="MiniMax-M3", messages=[{"role": "user", "content": "Hello!"}], tools=WEATHER, tool_choice="required",
        parallel_tool_calls=False, max_tokens=300, seed=3,
    ).choices[0]  # fmt: skip
    assert forced.finish_reason == "tool_calls"


def test_errors_are_the_clients_own_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="MiniMax-M9", messages=CAPITAL)
    body: Any = caught.value.body
    # The client takes the inner object for the body.
    assert (body["type"], body["http_code"]) == ("bad_request_error", "400")
    assert body["message"].startswith("invalid params, unknown model")
    assert caught.value.message.endswith("(2013)")
    assert caught.value.response.json()["request_id"] == caught.value.response.headers["trace-id"]
    with pytest.raises(openai.BadRequestError, match=r"must be an object or null, not a boolean \(2013\)"):
        client.chat.completions.create(model="MiniMax-M3", messages=CAPITAL, extra_body={"thinking": False})


def test_the_native_route(served: Served) -> None:
    url = f"{served.url}/v1/text/chatcompletion_v2"
    asked = {"model": "MiniMax-M2.7", "messages": CAPITAL, "temperature": 0, "max_tokens": 80}
    with httpx.Client(timeout=90) as plain:
        whole = plain.post(url, json=asked).json()
        assert whole["base_resp"]["status_code"] == 0
        with plain.stream("POST", url, json=asked | {"stream": True}) as response:
            frames = [line.removeprefix("data: ") for line in response.iter_lines() if line]
        assert frames.pop() == "[DONE]"
        *chunks, final = map(json.loads, frames)
        content = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)
        assert content == final["choices"][0]["message"]["content"] == whole["choices"][0]["message"]["content"]
        refused = plain.post(url, json=asked | {"model": "nobody"})
        assert (refused.status_code, refused.json()["base_resp"]["status_code"]) == (200, 2013)
