"""The real `openai` client and the OpenAI Agents SDK, unmodified, over the Responses API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import openai
import pytest
from agents import Agent, ModelSettings, OpenAIResponsesModel, RunConfig, Runner, function_tool
from agents.exceptions import ModelBehaviorError
from openai.types.shared import Reasoning
from pydantic import BaseModel, Field

from maxserve.chat import EngineCrashed
from tests.support.scripted import Scripted, scripted
from tests.support.serving import Served

MODELS = ["minimax/m2.7", "minimax/m3"]
CAPITAL = "What is the capital of France?"
WEATHER: Any = [
    {
        "type": "function",
        "name": "get_weather",
        "description": "Get the weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    }
]
QUIET = RunConfig(tracing_disabled=True)


class Person(BaseModel):
    name: str = Field(max_length=40)
    age: int = Field(ge=0, le=150)


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def script() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.mark.parametrize("model", MODELS)
def test_stream_and_whole_say_the_same(client: openai.OpenAI, model: str) -> None:
    asked: Any = {"model": model, "input": CAPITAL, "temperature": 0, "reasoning": {"effort": "low"}}
    whole = client.responses.create(**asked)
    assert "Paris" in whole.output_text
    assert whole.status == "completed"
    assert whole.model == model
    assert whole.usage is not None
    assert whole.usage.output_tokens_details.reasoning_tokens > 0
    assert [item.type for item in whole.output] == ["reasoning", "message"]
    with client.responses.stream(**asked) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert final.usage is not None
    assert final.usage.output_tokens == whole.usage.output_tokens
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    thoughts = [event.delta for event in events if event.type == "response.reasoning_text.delta"]
    assert "".join(deltas) == whole.output_text
    assert "".join(thoughts) == whole.output[0].content[0].text  # type: ignore[union-attr,index]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    raw = list(client.responses.create(**asked, stream=True))
    # How many deltas there are is chance; the order of their kinds is not.
    assert [kind for kind, _ in groupby(event.type for event in raw)] == [
        kind for kind, _ in groupby(event.type for event in events)
    ]


def test_m3_thinks_only_where_it_is_asked_to(client: openai.OpenAI) -> None:
    response = client.responses.create(model="minimax/m3", input=CAPITAL, temperature=0)
    assert [item.type for item in response.output] == ["message"]
    assert "Paris" in response.output_text


def test_several_turns_by_sending_the_output_back(client: openai.OpenAI) -> None:
    conversation: Any = [{"role": "user", "content": CAPITAL}]
    first = client.responses.create(
        model="minimax/m2.7", input=conversation, instructions="Be brief.", temperature=0, max_output_tokens=300
    )
    assert first.instructions == "Be brief."
    conversation += [item.model_dump(exclude_none=True) for item in first.output]
    conversation += [{"role": "user", "content": [{"type": "input_text", "text": "And of Norway?"}]}]
    second = client.responses.create(model="minimax/m2.7", input=conversation, temperature=0, max_output_tokens=200)
    assert second.usage is not None
    assert first.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens
    assert second.output


def test_tool_loop_with_two_parallel_calls(client: openai.OpenAI) -> None:
    conversation: Any = [{"role": "user", "content": "What is the weather in Oslo and Paris?"}]
    with client.responses.stream(
        model="minimax/m2.7", input=conversation, tools=WEATHER, temperature=0, max_output_tokens=300
    ) as stream:
        asked = stream.get_final_response()
    calls = [item for item in asked.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"city": "Oslo"}, {"city": "Paris"}]
    assert [call.parsed_arguments for call in calls] == [{"city": "Oslo"}, {"city": "Paris"}]
    results = ['{"temperature": 4, "condition": "snowy"}', '{"temperature": 17, "condition": "sunny"}']
    conversation += asked.output
    conversation += [
        {"type": "function_call_output", "call_id": call.call_id, "output": result}
        for call, result in zip(calls, results, strict=True)
    ]
    answer = client.responses.create(
        model="minimax/m2.7", input=conversation, tools=WEATHER, temperature=0, max_output_tokens=300
    )
    assert "4" in answer.output_text
    assert "17" in answer.output_text


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "get_weather"}])
def test_forced_calls_hold(client: openai.OpenAI, model: str, choice: Any) -> None:
    asked = client.responses.create(
        model=model, input="What is the weather in Oslo?", tools=WEATHER, tool_choice=choice, parallel_tool_calls=False,
        max_output_tokens=200, temperature=0,
    )  # fmt: skip
    (call,) = [item for item in asked.output if item.type == "function_call"]
    assert call.name == "get_weather"
    assert list(json.loads(call.arguments)) == ["city"]


@pytest.mark.parametrize("model", MODELS)
def test_parse(client: openai.OpenAI, model: str) -> None:
    parsed = client.responses.parse(
        model=model, input="Anna is 31 years old.", text_format=Person, temperature=0, max_output_tokens=300,
        reasoning={"effort": "low"},
    )  # fmt: skip
    assert parsed.output_parsed is not None
    assert parsed.output_parsed.age == 31
    assert parsed.output_text == parsed.output[-1].content[0].text  # type: ignore[union-attr,index]


def test_cut_by_length(client: openai.OpenAI) -> None:
    response = client.responses.create(model="minimax/m2.7", input="Hello!", max_output_tokens=5)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[-1].status == "incomplete"  # type: ignore[union-attr]


def test_logprobs(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="minimax/m3", input="Hello!", include=["message.output_text.logprobs"], top_logprobs=2, temperature=0
    )
    (message,) = response.output
    assert message.type == "message"
    (content,) = message.content
    assert content.type == "output_text"
    assert content.logprobs
    assert "".join(token.token for token in content.logprobs).strip() == content.text.strip()
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in content.logprobs)


def test_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="gpt-9"):
        client.responses.create(model="gpt-9", input="x")
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="minimax/m2.7", input="x", previous_response_id="resp_1")
    assert raised.value.param == "previous_response_id"
    with pytest.raises(openai.NotFoundError, match="keeps none"):
        client.responses.retrieve("resp_1")
    with pytest.raises(openai.NotFoundError, match="keeps none"):
        client.responses.delete("resp_1")


def test_an_error_in_mid_stream_is_raised(script: Scripted) -> None:
    with openai.OpenAI(base_url=script.base_url, api_key="unused", max_retries=0) as client:
        script.say("Hm.\n</think>\n\nOnce upon", error=EngineCrashed("The engine ended."))
        seen: list[Any] = []
        raw = client.responses.create(model="minimax/m2.7", input="x", stream=True)
        with pytest.raises(openai.APIError, match=r"The engine ended\."):
            seen.extend(raw)
        failed = seen[-1]
        assert failed.type == "response.failed"
        assert failed.response.error is not None
        assert failed.response.error.message == "The engine ended."
        script.say("Hm.\n</think>\n\nOnce upon", error=EngineCrashed("The engine ended."))
        with (
            client.responses.stream(model="minimax/m2.7", input="x") as stream,
            pytest.raises(openai.APIError, match=r"The engine ended\."),
        ):
            stream.get_final_response()


async def test_the_agents_sdk_asks_the_demo_model(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as client:
        agent = Agent(
            name="Guide",
            instructions="You are a helpful assistant.",
            model=OpenAIResponsesModel("minimax/m2.7", client),
            model_settings=ModelSettings(temperature=0),
        )
        result = await Runner.run(agent, CAPITAL, run_config=QUIET)
    assert "Paris" in result.final_output
    assert result.context_wrapper.usage.output_tokens > 0


def calling(*calls: str, thought: str) -> str:
    """Raw output of M2.x with calls of one parameter, given as name, parameter and value."""
    invokes = ""
    for call in calls:
        name, parameter, value = call.split(" ", 2)
        invokes += f'<invoke name="{name}">\n<parameter name="{parameter}">{value}</parameter>\n</invoke>\n'
    return f"{thought}\n</think>\n\n\n<minimax:tool_call>\n{invokes}</minimax:tool_call>"


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("sealed", [False, True])
async def test_the_agents_sdk_in_a_loop_of_three_steps(script: Scripted, streamed: bool, sealed: bool) -> None:
    told: list[str] = []

    @function_tool
    def find_cities(country: str) -> str:
        """Find the cities of a country."""
        told.append(f"find_cities {country}")
        return "Oslo, Bergen"

    @function_tool
    def get_weather(city: str) -> str:
        """Get the weather in a city."""
        told.append(f"get_weather {city}")
        return f"{len(city)} degrees"

    settings = ModelSettings(
        store=False,
        reasoning=Reasoning(effort="high"),
        response_include=["reasoning.encrypted_content"] if sealed else None,
    )
    async with openai.AsyncOpenAI(base_url=script.base_url, api_key="unused", max_retries=0) as client:
        agent = Agent(
            name="Guide",
            model=OpenAIResponsesModel("minimax/m2.7", client),
            tools=[find_cities, get_weather],
            model_settings=settings,
        )
        script.say(calling("find_cities country Norway", thought="First the cities."))
        script.say(calling("get_weather city Oslo", "get_weather city Bergen", thought="Now their weather."))
        script.say("That is all.\n</think>\n\nOslo 4, Bergen 6.")
        if streamed:
            running = Runner.run_streamed(agent, "The weather in Norway?", run_config=QUIET)
            kinds = [event.type async for event in running.stream_events()]
            assert "run_item_stream_event" in kinds
            output, usage = running.final_output, running.context_wrapper.usage
        else:
            result = await Runner.run(agent, "The weather in Norway?", run_config=QUIET)
            output, usage = result.final_output, result.context_wrapper.usage
    assert output == "Oslo 4, Bergen 6."
    assert usage.requests == 3
    assert told[0] == "find_cities Norway"
    assert sorted(told[1:]) == ["get_weather Bergen", "get_weather Oslo"]
    # Every turn comes back to the model as it was written, thoughts included.
    prompt = script.prompts[-1]
    assert "<think>\nFirst the cities.\n</think>" in prompt
    assert "<think>\nNow their weather.\n</think>" in prompt
    assert prompt.count("]~b]ai") == 3
    assert "<response>4 degrees</response>\n<response>6 degrees</response>" in prompt


async def test_the_agents_sdk_hears_of_a_failure(script: Scripted) -> None:
    async with openai.AsyncOpenAI(base_url=script.base_url, api_key="unused", max_retries=0) as client:
        agent = Agent(name="Guide", model=OpenAIResponsesModel("minimax/m2.7", client))
        script.say("Hm.\n</think>\n\nOnce", error=EngineCrashed("The engine ended."))
        running = Runner.run_streamed(agent, "?", run_config=QUIET)
        with pytest.raises(ModelBehaviorError, match=r"The engine ended\."):
            async for _ in running.stream_events():
                pass
