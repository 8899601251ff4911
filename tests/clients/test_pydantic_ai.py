"""pydantic-ai's agents, unmodified, in a loop of three steps over each API that it speaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.messages import ThinkingPart
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from tests.support.scripted import Scripted, scripted
from tests.support.serving import Served

NAME = "minimax/m2.7"
# The demo checkpoint knows what it is asked here; what it draws at random is not what is tested.
GREEDY = ModelSettings(temperature=0, max_tokens=400)
DEGREES = {"Oslo": 3, "Bergen": 6, "Rome": 19}


@pytest.fixture
def script() -> Iterator[Scripted]:
    with scripted() as served:
        yield served


@asynccontextmanager
async def model(api: str, url: str) -> AsyncIterator[Model]:
    if api == "messages":
        async with AsyncAnthropic(base_url=f"{url}/anthropic", api_key="unused", max_retries=0) as anthropic:
            yield AnthropicModel(NAME, provider=AnthropicProvider(anthropic_client=anthropic))
    else:
        kind = OpenAIChatModel if api == "chat" else OpenAIResponsesModel
        async with AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0) as openai:
            yield kind(NAME, provider=OpenAIProvider(openai_client=openai))


def thought(part: ThinkingPart) -> str:
    """Responses keep a raw thought apart from its summary."""
    raw = (part.provider_details or {}).get("raw_content")
    return "".join(raw) if raw else part.content


def call(*cities: str) -> str:
    invokes = "".join(
        f'<invoke name="get_weather">\n<parameter name="city">{city}</parameter>\n</invoke>\n' for city in cities
    )
    return f"<minimax:tool_call>\n{invokes}</minimax:tool_call>"


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_loop_of_three_steps(script: Scripted, api: str, streamed: bool) -> None:
    script.say("First the two in the north.\n</think>\n\n" + call("Oslo", "Bergen"))
    script.say("One is missing.\n</think>\n\n" + call("Rome"))
    script.say("Now I know.\n</think>\n\nRome is warmest.")
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Get the weather of a city."""
        asked.append(city)
        return f"{city}: {DEGREES[city]} degrees"

    async with model(api, script.url) as chosen:
        agent = Agent(chosen, instructions="Find the warmest city.", tools=[get_weather])
        if streamed:
            async with agent.run_stream("Oslo, Bergen or Rome?") as run:
                output: str = await run.get_output()
            messages, usage = run.all_messages(), run.usage
        else:
            result = await agent.run("Oslo, Bergen or Rome?")
            output, messages, usage = result.output, result.all_messages(), result.usage
    assert output == "Rome is warmest."
    assert (sorted(asked[:2]), asked[2:]) == (["Bergen", "Oslo"], ["Rome"])  # tools of one turn run side by side
    last = script.prompts[-1]
    assert "Find the warmest city." in last
    assert last.index("Oslo: 3 degrees") < last.index("Bergen: 6 degrees") < last.index("Rome: 19 degrees")
    thoughts = [thought(part) for message in messages for part in message.parts if isinstance(part, ThinkingPart)]
    assert thoughts[-1].strip() == "Now I know."
    assert (usage.requests, usage.tool_calls) == (3, 3)
    assert usage.output_tokens > 0
    # Between tool calls the model sees its earlier thoughts again, whichever API carried them.
    assert "First the two in the north." in last
    assert "One is missing." in last


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
async def test_the_demo_model_answers(served: Served, api: str) -> None:
    async with model(api, served.url) as chosen:
        result = await Agent(chosen, model_settings=GREEDY).run("What is the capital of France?")
    assert "Paris" in result.output


async def test_a_typed_output(served: Served) -> None:
    class Person(BaseModel):
        name: str
        age: int

    async with model("chat", served.url) as chosen:
        result = await Agent(chosen, output_type=NativeOutput(Person), model_settings=GREEDY).run(
            "Anna is 31 years old."
        )
    assert isinstance(result.output.age, int)
