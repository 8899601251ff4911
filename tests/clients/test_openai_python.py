"""The real `openai` client for Python, unmodified, against `maxserve serve`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel, Field

from tests.support.serving import Served

MODELS = ["minimax/m2.7", "minimax/m3"]
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


class Person(BaseModel):
    name: str = Field(max_length=40)
    age: int = Field(ge=0, le=150)


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as made:
        yield made


@pytest.mark.parametrize("model", MODELS)
def test_stream_and_whole_say_the_same(client: openai.OpenAI, model: str) -> None:
    whole = client.chat.completions.create(model=model, messages=CAPITAL, temperature=0)
    message = whole.choices[0].message
    stream = client.chat.completions.create(
        model=model, messages=CAPITAL, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    content = reasoning = ""
    roles, reasons, usage = [], [], None
    for chunk in stream:
        assert usage is None, "the usage frame is the last"
        usage = chunk.usage
        for choice in chunk.choices:
            content += choice.delta.content or ""
            reasoning += getattr(choice.delta, "reasoning_content", None) or ""
            roles += [choice.delta.role] if choice.delta.role else []
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert content == message.content
    assert "Paris" in content
    assert reasoning == getattr(message, "reasoning_content", None)
    assert (roles, reasons) == (["assistant"], ["stop"])
    assert usage is not None
    assert whole.usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (whole.usage.prompt_tokens, whole.usage.completion_tokens)
    assert whole.model == model
    details = usage.completion_tokens_details
    assert details is not None
    assert details.reasoning_tokens is not None
    assert (details.reasoning_tokens > 0) == bool(reasoning)
    assert details.reasoning_tokens < usage.completion_tokens


@pytest.mark.parametrize("model", MODELS)
def test_tool_loop_with_two_parallel_calls(client: openai.OpenAI, model: str) -> None:
    messages: Any = [{"role": "user", "content": "What is the weather in Oslo and Paris?"}]
    with client.chat.completions.stream(model=model, messages=messages, tools=WEATHER, temperature=0) as stream:
        asked = stream.get_final_completion().choices[0]
    assert asked.finish_reason == "tool_calls"
    calls = asked.message.tool_calls or []
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}, {"city": "Paris"}]
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
    assert "4" in (answer.message.content or "")
    assert "17" in (answer.message.content or "")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_forced_calls_hold(client: openai.OpenAI, model: str, choice: Any) -> None:
    asked = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Hello!"}], tools=WEATHER, tool_choice=choice,
        parallel_tool_calls=False, temperature=0, max_completion_tokens=400,
    ).choices[0]  # fmt: skip
    assert asked.finish_reason == "tool_calls"
    (call,) = asked.message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert list(json.loads(call.function.arguments)) == ["city"]


def test_tool_choice_none_calls_nothing(client: openai.OpenAI) -> None:
    asked = client.chat.completions.create(
        model="minimax/m2.7", messages=[{"role": "user", "content": "What is the weather in Oslo?"}], tools=WEATHER,
        tool_choice="none", temperature=0,
    ).choices[0]  # fmt: skip
    assert asked.finish_reason == "stop"
    assert not asked.message.tool_calls


@pytest.mark.parametrize("model", MODELS)
def test_json_schema_through_parse(client: openai.OpenAI, model: str) -> None:
    parsed = client.chat.completions.parse(
        model=model, messages=[{"role": "user", "content": "Anna is 31 years old."}], response_format=Person,
        temperature=1.0, seed=5,
    ).choices[0].message.parsed  # fmt: skip
    assert isinstance(parsed, Person)


@pytest.mark.parametrize("model", MODELS)
def test_json_schema_with_several_results_thinks_and_holds(client: openai.OpenAI, model: str) -> None:
    schema: Any = Person.model_json_schema() | {"additionalProperties": False}
    format_: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    answer = client.chat.completions.create(
        model=model, n=3, seed=1, temperature=1.0, response_format=format_,
        messages=[{"role": "user", "content": "Bob, who is 52, lives in Rome."}],
    )  # fmt: skip
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    for choice in answer.choices:
        Person.model_validate_json(choice.message.content or "")


def test_json_object(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="minimax/m2.7", messages=[{"role": "user", "content": "Write as JSON: name is Anna, age is 31"}],
        temperature=0, response_format={"type": "json_object"},
    ).choices[0]  # fmt: skip
    assert answer.finish_reason == "stop"
    assert json.loads(answer.message.content or "") == {"name": "Anna", "age": 31}


def test_a_seed_repeats_the_answer_and_results_differ(client: openai.OpenAI) -> None:
    def ask(seed: int) -> list[str | None]:
        answer = client.chat.completions.create(
            model="minimax/m2.7", messages=[{"role": "user", "content": "Write a haiku about rain."}], seed=seed, n=3,
            temperature=1.5, max_tokens=60,
        )  # fmt: skip
        return [
            getattr(choice.message, "reasoning_content", "") + (choice.message.content or "")
            for choice in answer.choices
        ]

    three = ask(11)
    assert three == ask(11)
    assert len({*three, *ask(500)}) > 3


def test_logprobs_cover_the_visible_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="minimax/m2.7", messages=CAPITAL, logprobs=True, top_logprobs=3, temperature=0
    ).choices[0]
    assert answer.logprobs is not None
    tokens = answer.logprobs.content or []
    assert (
        b"".join(bytes(token.bytes or []) for token in tokens).decode().strip()
        == (answer.message.content or "").strip()
    )
    for token in tokens:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == 3
        assert token.top_logprobs[0].logprob == max(top.logprob for top in token.top_logprobs)


def test_stop_sequences_cut_the_answer_and_not_the_thought(client: openai.OpenAI) -> None:
    free = client.chat.completions.create(model="minimax/m2.7", messages=CAPITAL, temperature=0).choices[0]
    assert " is" in (free.message.content or "")
    cut = client.chat.completions.create(model="minimax/m2.7", messages=CAPITAL, temperature=0, stop=[" is"]).choices[0]
    assert cut.message.content == (free.message.content or "").split(" is")[0]
    assert getattr(cut.message, "reasoning_content", "") == getattr(free.message, "reasoning_content", "")
    assert cut.finish_reason == "stop"


def test_max_tokens_counts_the_thought(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="minimax/m2.7", messages=CAPITAL, max_tokens=3, temperature=0)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3


def test_the_prefix_cache_is_reported(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "Remember the word zanzibar. " * 30}]
    client.chat.completions.create(model="minimax/m2.7", messages=messages, max_tokens=1)
    again = client.chat.completions.create(model="minimax/m2.7", messages=messages, max_tokens=1)
    assert again.usage is not None
    assert again.usage.prompt_tokens_details is not None
    assert (again.usage.prompt_tokens_details.cached_tokens or 0) > again.usage.prompt_tokens // 2


@pytest.mark.parametrize(("mode", "thinks"), [("enabled", True), ("disabled", False)])
def test_m3_obeys_the_thinking_mode(client: openai.OpenAI, mode: str, thinks: bool) -> None:
    answer = client.chat.completions.create(
        model="minimax/m3", messages=CAPITAL, temperature=0, extra_body={"thinking": {"type": mode}}
    )
    assert bool(getattr(answer.choices[0].message, "reasoning_content", "")) == thinks
    effort: Any = "low" if thinks else "none"
    by_effort = client.chat.completions.create(
        model="minimax/m3", messages=CAPITAL, temperature=0, reasoning_effort=effort
    )
    assert by_effort.choices[0].message == answer.choices[0].message


def test_unsplit_reasoning_is_inline(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="minimax/m2.7", messages=CAPITAL, temperature=0, extra_body={"reasoning_split": False}
    ).choices[0]
    content = answer.message.content or ""
    assert content.startswith("<think>\n")
    assert "\n</think>\n\n" in content
    assert not hasattr(answer.message, "reasoning_content")


def test_abort_in_mid_stream_leaves_the_server_well(client: openai.OpenAI) -> None:
    for _ in range(8):
        with client.chat.completions.create(
            model="minimax/m2.7", messages=[{"role": "user", "content": "Tell me a long story."}], stream=True
        ) as stream:
            next(iter(stream))
    assert client.chat.completions.create(model="minimax/m2.7", messages=CAPITAL).choices


def test_models(client: openai.OpenAI, served: Served) -> None:
    names = {model.id for model in client.models.list()}
    assert {"MiniMax-M2.7", "minimax/m2.7", "minimax:m2.7@0", "MiniMax-M3", "demo-m2"} <= names
    for name in ["minimax/m2.7", "minimax:m2.7@0", "MiniMaxAI/MiniMax-M2.7"]:
        assert client.models.retrieve(name).id == name
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("fields", "kind", "param"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model"),
        ({"temperature": 9}, openai.BadRequestError, "temperature"),
        ({"n": 99}, openai.BadRequestError, "n"),
        ({"max_tokens": 10_000_000}, openai.BadRequestError, "max_tokens"),
        ({"messages": [{"role": "user", "content": "long " * 60_000}]}, openai.BadRequestError, "messages"),
        (
            {"messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}]},
            openai.BadRequestError,
            "messages[0]",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_name_the_field(
    client: openai.OpenAI, fields: dict[str, Any], kind: type[openai.APIStatusError], param: str, stream: bool
) -> None:
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**{"model": "minimax/m2.7", "messages": CAPITAL, "stream": stream} | fields)
    assert caught.value.param == param
    assert caught.value.request_id


def test_context_overflow_has_its_code(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="minimax/m2.7", messages=[{"role": "user", "content": "long " * 60_000}])
    assert caught.value.code == "context_length_exceeded"


def test_the_checkpoint_is_named_in_a_header(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="minimax/m2.7", messages=CAPITAL)
    assert raw.headers["x-maxserve-checkpoint"] == "demo-m2"
    assert raw.parse().system_fingerprint == "demo-m2"


async def test_the_asynchronous_client(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as client:
        stream = await client.chat.completions.create(model="MiniMax-M3", messages=CAPITAL, stream=True, temperature=0)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert "Paris" in text
