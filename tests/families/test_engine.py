"""Grammars and parsers against the real engine: llama.cpp loads every grammar, and what it writes is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator

from maxserve.chat import Tool, ToolChoice
from maxserve.engines import EmbeddedSettings, EndChunk, EngineRequest, SamplingValues, TextChunk
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.families import family
from tests.families.asking import ask, say
from tests.families.reading import Read, read
from tests.families.test_constraint import CHOICES, FREE, MAPS, OPEN, PERSON, TREE

SAMPLING = SamplingValues(temperature=1.0, top_p=0.95, top_k=40, min_p=0.0, seed=7)
SCHEMAS: dict[str, dict[str, Any]] = {
    "person": PERSON, "tree": TREE, "choices": CHOICES, "free": FREE, "maps": MAPS, "open": OPEN, "none": {},
}  # fmt: skip
WEATHER = Tool(
    "get_weather",
    "Weather in a city.",
    {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]},
)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["m2", "m3"])
async def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EmbeddedEngine]:
    settings = EmbeddedSettings(model=f"demo-{request.param}", parallel=1, threads=1, context=2048)
    engine = EmbeddedEngine(request.param, settings, tmp_path_factory.mktemp("engine"))
    await engine.start()
    yield engine
    await engine.close()


async def answer(engine: EmbeddedEngine, choice: ToolChoice, *tools: Tool, **rest: Any) -> tuple[Read, bool]:
    """Let the engine answer under the constraint; return what is read, and whether the answer came to its end."""
    lines = family(engine.name)
    asked = ask(
        say("user", "What is the weather in Paris?"), tools=tools, tool_choice=choice, thinking="disabled", **rest
    )
    prompt = lines.resume(lines.render(asked, None), "They want the weather.\n")
    assert prompt.thinking == "closed"
    work = EngineRequest(prompt=prompt.text, sampling=SAMPLING, max_tokens=160, constraint=lines.constraint(asked))
    raw, ended = "", False
    async for pieces in engine.generate(work):
        for piece in pieces:
            if isinstance(piece, TextChunk):
                raw += piece.text
            elif isinstance(piece, EndChunk):
                ended = piece.reason == "end"
    return read(lines.parser(prompt, tools), raw), ended


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_required_call_satisfies_its_schema(engine: EmbeddedEngine, name: str):
    made = Tool("make", "Make it.", SCHEMAS[name])
    got, ended = await answer(engine, ToolChoice("named", "make"), WEATHER, made)
    assert [called for called, _ in got.calls] == ["make"]
    (arguments,) = got.arguments
    assert got.content == ""
    if ended and name != "choices":
        Draft202012Validator(SCHEMAS[name]).validate(arguments)


@pytest.mark.asyncio(loop_scope="module")
async def test_one_of_several_tools(engine: EmbeddedEngine):
    got, ended = await answer(
        engine, ToolChoice("required"), WEATHER, Tool("lookup", "Look up.", PERSON), parallel_tool_calls=False
    )
    assert ended
    assert len(got.calls) == 1
    assert got.calls[0][0] in ("get_weather", "lookup")
