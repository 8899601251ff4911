"""The real `anthropic` client for Python, unmodified, against `maxserve serve`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import TextBlock, ThinkingBlock, ToolUseBlock
from pydantic import BaseModel, Field

from tests.support.serving import Served, serving

MODELS = ["MiniMax-M2.7", "MiniMax-M3"]
CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER: Any = [
    {
        "name": "get_weather",
        "description": "Get the weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
THINK: Any = {"type": "enabled", "budget_tokens": 1024}
# The client's own arguments know no sampling any more; the API does.
GREEDY: Any = {"temperature": 0}


class Person(BaseModel):
    name: str = Field(max_length=40)
    age: int


def client_of(served: Served, mount: str = "") -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=served.url + mount, api_key="unused", max_retries=0)


@pytest.fixture
def client(served: Served) -> Iterator[anthropic.Anthropic]:
    with client_of(served) as made:
        yield made


@pytest.mark.parametrize("mount", ["", "/anthropic", "/minimax/anthropic"])
def test_every_mount(served: Served, mount: str) -> None:
    with client_of(served, mount) as client:
        message = client.messages.create(model="MiniMax-M3", max_tokens=100, messages=CAPITAL, extra_body=GREEDY)
        (block,) = message.content
        assert isinstance(block, TextBlock)
        assert "Paris" in block.text
        assert (message.model, message.role, message.stop_reason) == ("MiniMax-M3", "assistant", "end_turn")
        counted = client.messages.count_tokens(model="MiniMax-M3", messages=CAPITAL)
        usage = message.usage
        assert usage.input_tokens + (usage.cache_read_input_tokens or 0) == counted.input_tokens


@pytest.mark.parametrize("model", MODELS)
def test_stream_and_whole_say_the_same(client: anthropic.Anthropic, model: str) -> None:
    asked: Any = {"model": model, "max_tokens": 200, "messages": CAPITAL, "thinking": THINK, "extra_body": GREEDY}
    whole = client.messages.create(**asked)
    text, kinds = "", []
    with client.messages.stream(**asked) as stream:
        for event in stream:
            kinds.append(event.type)
            text += event.text if event.type == "text" else ""
        streamed = stream.get_final_message()
    assert [block.to_dict() for block in streamed.content] == [block.to_dict() for block in whole.content]
    thought, answer = whole.content
    assert isinstance(thought, ThinkingBlock)
    assert len(bytes.fromhex(thought.signature)) == 32
    assert isinstance(answer, TextBlock)
    assert answer.text == text
    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    details = whole.usage.output_tokens_details
    assert details is not None
    assert 0 < details.thinking_tokens < whole.usage.output_tokens


def test_text_stream(client: anthropic.Anthropic) -> None:
    with client.messages.stream(model="MiniMax-M2.7", max_tokens=200, messages=CAPITAL, extra_body=GREEDY) as stream:
        assert "Paris" in "".join(stream.text_stream)
        assert stream.get_final_message().stop_reason == "end_turn"


def test_thinking_is_off_unless_asked_for(client: anthropic.Anthropic) -> None:
    m2 = client.messages.create(model="MiniMax-M2.7", max_tokens=200, messages=CAPITAL)
    m3 = client.messages.create(model="MiniMax-M3", max_tokens=200, messages=CAPITAL)
    assert [block.type for block in m2.content] == ["thinking", "text"], "M2 always thinks"
    assert [block.type for block in m3.content] == ["text"]


@pytest.mark.parametrize("display", ["summarized", "omitted"])
@pytest.mark.parametrize("model", MODELS)
def test_tool_loop_with_signed_thoughts_and_two_parallel_results(
    client: anthropic.Anthropic, model: str, display: str
) -> None:
    messages: Any = [{"role": "user", "content": "What is the weather in Oslo and Paris?"}]
    asked: Any = {
        "model": model, "max_tokens": 400, "tools": WEATHER, "thinking": {**THINK, "display": display},
        "extra_body": GREEDY,
    }  # fmt: skip
    with client.messages.stream(messages=messages, **asked) as stream:
        called = stream.get_final_message()
    assert called.stop_reason == "tool_use"
    thoughts = [block for block in called.content if isinstance(block, ThinkingBlock)]
    assert thoughts
    assert all(bool(thought.thinking) == (display == "summarized") for thought in thoughts)
    uses = [block for block in called.content if isinstance(block, ToolUseBlock)]
    assert [use.input for use in uses] == [{"city": "Oslo"}, {"city": "Paris"}]
    results = {
        "Oslo": '{"temperature": 4, "condition": "snowy"}',
        "Paris": '{"temperature": 17, "condition": "sunny"}',
    }
    # Out of order: the ids say which result is whose.
    messages += [
        called.to_param(),
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": use.id, "content": results[str(use.input["city"])]}
                for use in reversed(uses)
            ],
        },
    ]
    counted = client.messages.count_tokens(
        model=model, messages=messages, tools=WEATHER, thinking=asked["thinking"]
    ).input_tokens
    answer = client.messages.create(messages=messages, **asked)
    assert answer.stop_reason == "end_turn"
    assert answer.usage.input_tokens + (answer.usage.cache_read_input_tokens or 0) == counted
    text = "".join(block.text for block in answer.content if isinstance(block, TextBlock))
    assert "4" in text
    assert "17" in text
    # Without its thought the prompt is shorter: the signed one was in it.
    bare = [block.to_dict() for block in called.content if not isinstance(block, ThinkingBlock)]
    without: Any = [messages[0], {"role": "assistant", "content": bare}, messages[2]]
    assert client.messages.count_tokens(model=model, messages=without, tools=WEATHER).input_tokens < counted


def test_tool_choices(client: anthropic.Anthropic) -> None:
    asked: Any = {"model": "MiniMax-M3", "max_tokens": 400, "tools": WEATHER, "extra_body": GREEDY}
    hello: Any = [{"role": "user", "content": "Hello!"}]
    choices: Any = [
        {"type": "any", "disable_parallel_tool_use": True},
        {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True},
    ]
    for choice in choices:
        message = client.messages.create(messages=hello, tool_choice=choice, **asked)
        (use,) = [block for block in message.content if isinstance(block, ToolUseBlock)]
        assert list(use.input) == ["city"]
        assert message.stop_reason == "tool_use"
    weather: Any = [{"role": "user", "content": "What is the weather in Oslo?"}]
    none = client.messages.create(messages=weather, tool_choice={"type": "none"}, **asked)
    assert not any(isinstance(block, ToolUseBlock) for block in none.content)


@pytest.mark.parametrize("model", MODELS)
def test_structured_output_holds(client: anthropic.Anthropic, model: str) -> None:
    parsed = client.messages.parse(
        model=model, max_tokens=400, output_format=Person,
        messages=[{"role": "user", "content": "Anna is 31 years old."}],
    )  # fmt: skip
    assert isinstance(parsed.parsed_output, Person)
    with client.messages.stream(
        model=model, max_tokens=400, output_format=Person,
        messages=[{"role": "user", "content": "Bob, who is 52, lives in Rome."}],
    ) as stream:  # fmt: skip
        assert isinstance(stream.get_final_message().parsed_output, Person)


def test_stop_length_prefill_and_system(client: anthropic.Anthropic) -> None:
    asked: Any = {"model": "MiniMax-M3", "extra_body": GREEDY}
    stopped = client.messages.create(messages=CAPITAL, max_tokens=100, stop_sequences=["Paris"], **asked)
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "Paris")
    cut = client.messages.create(messages=CAPITAL, max_tokens=2, **asked)
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 2)
    begun: Any = [*CAPITAL, {"role": "assistant", "content": "The capital of France is"}]
    continued = client.messages.create(messages=begun, max_tokens=20, **asked)
    (block,) = continued.content
    assert isinstance(block, TextBlock)
    assert block.text.startswith(" Paris")
    plain = client.messages.count_tokens(model="MiniMax-M3", messages=CAPITAL).input_tokens
    system: Any = [{"type": "text", "text": "Be very brief. " * 9, "cache_control": {"type": "ephemeral"}}]
    assert client.messages.count_tokens(model="MiniMax-M3", messages=CAPITAL, system=system).input_tokens > plain + 9


def test_beta_messages(client: anthropic.Anthropic) -> None:
    message = client.beta.messages.create(model="MiniMax-M3", max_tokens=100, messages=CAPITAL, betas=["x-2026-01-01"])
    assert message.stop_reason == "end_turn"
    assert client.beta.messages.count_tokens(model="MiniMax-M3", messages=CAPITAL).input_tokens > 0


def test_the_clients_own_tool_runner(client: anthropic.Anthropic) -> None:
    asked: list[str] = []

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Get the weather."""
        asked.append(city)
        return json.dumps({"temperature": 4, "condition": "snowy"})

    runner = client.beta.messages.tool_runner(
        model="MiniMax-M2.7", max_tokens=400, tools=[get_weather], max_iterations=4, extra_body=GREEDY,
        messages=[{"role": "user", "content": "What is the weather in Oslo?"}],
    )  # fmt: skip
    last = runner.until_done()
    assert asked == ["Oslo"]
    assert last.stop_reason == "end_turn"


def test_errors(client: anthropic.Anthropic) -> None:
    asked: Any = {"max_tokens": 10, "messages": CAPITAL}
    with pytest.raises(anthropic.NotFoundError, match="claude-9") as missing:
        client.messages.create(model="claude-9", **asked)
    assert missing.value.type == "not_found_error"
    assert missing.value.request_id is not None
    assert missing.value.request_id.startswith("req_")
    with pytest.raises(anthropic.BadRequestError, match="temperature must be from 0 to 2"):
        client.messages.create(model="MiniMax-M3", extra_body={"temperature": 9}, **asked)
    with pytest.raises(anthropic.BadRequestError, match=r"tools\[0\]\.type is 'web_search_20250305'"):
        client.messages.create(
            model="MiniMax-M3", tools=[{"type": "web_search_20250305", "name": "web_search"}], **asked
        )
    with (
        pytest.raises(anthropic.BadRequestError, match="cannot see images"),
        client.messages.stream(
            model="MiniMax-M3", max_tokens=10,
            messages=[{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://a/b"}}]}],
        ) as stream,
    ):  # fmt: skip
        stream.until_done()


def test_keys_in_either_header() -> None:
    with serving("--key", "sk-right-key-123") as served:
        asked: Any = {"model": "MiniMax-M3", "messages": CAPITAL}
        for right in ({"api_key": "sk-right-key-123"}, {"auth_token": "sk-right-key-123"}):
            with anthropic.Anthropic(base_url=served.url, max_retries=0, **right) as client:
                assert client.messages.count_tokens(**asked).input_tokens
        with (
            anthropic.Anthropic(base_url=served.url, api_key="sk-wrong-key-123", max_retries=0) as client,
            pytest.raises(anthropic.AuthenticationError, match="not known here"),
        ):
            client.messages.count_tokens(**asked)


@pytest.fixture
async def async_client(served: Served) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=served.url, api_key="unused", max_retries=0) as made:
        yield made


async def test_the_asynchronous_client(async_client: anthropic.AsyncAnthropic) -> None:
    async with async_client.messages.stream(model="MiniMax-M3", max_tokens=100, messages=CAPITAL) as stream:
        assert await stream.get_final_text()
