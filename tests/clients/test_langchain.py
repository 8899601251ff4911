"""LangChain's `ChatOpenAI`, unmodified: streams with usage, tools, structured output."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from tests.support.serving import Served


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.fixture
def model(served: Served) -> ChatOpenAI:
    return ChatOpenAI(
        model="minimax/m2.7", base_url=served.base_url, api_key=SecretStr("unused"), temperature=0, max_retries=0,
        stream_usage=True, max_completion_tokens=400,
    )  # fmt: skip


def test_a_stream_has_usage(model: ChatOpenAI) -> None:
    whole = model.invoke("What is the capital of France?")
    completion: AIMessageChunk | None = None
    chunks = 0
    for chunk in model.stream("What is the capital of France?"):
        assert isinstance(chunk, AIMessageChunk)
        completion = chunk if completion is None else completion + chunk
        chunks += 1
    assert completion is not None
    assert chunks > 2
    assert "Paris" in completion.text
    assert completion.text == whole.text
    usage, other = completion.usage_metadata, whole.usage_metadata
    assert usage is not None
    assert other is not None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] == other["total_tokens"]
    assert 0 < usage["output_token_details"]["reasoning"] < usage["output_tokens"]


def test_a_tool_is_called_and_its_result_is_read(model: ChatOpenAI) -> None:
    def get_weather(city: str) -> str:
        """Get the weather of a city."""
        return f"12 degrees in {city}"

    asked = HumanMessage("What is the weather in Oslo?")
    answer = model.bind_tools([get_weather], tool_choice="required").invoke([asked])
    assert answer.tool_calls
    assert {call["name"] for call in answer.tool_calls} == {"get_weather"}
    results = [ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"]) for call in answer.tool_calls]
    assert model.invoke([asked, answer, *results]).text


def test_structured_output(model: ChatOpenAI) -> None:
    person = model.with_structured_output(Person, method="json_schema").invoke("Anna is 31 years old.")
    assert person == Person(name="Anna", age=31)


async def test_batches_run_side_by_side(model: ChatOpenAI) -> None:
    answers = await model.abatch(["What is the capital of France?", "What is the capital of Spain?"])
    assert ["Paris" in answers[0].text, "Madrid" in answers[1].text] == [True, True]
