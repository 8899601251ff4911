"""Records what the demo checkpoints say: `python -m tests.parity.record NAME` writes transcripts/NAME.json.

`told` is what the OpenAI dialect's events say; look it over before you keep it. Record again only where a case no
longer shows what it is for: the transcripts are engine output of their day, and need not follow the checkpoints.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from maxserve.apis.adapter import RequestContext
from maxserve.apis.openai_chat import OpenAIChatAdapter
from maxserve.catalogue import Catalogue
from maxserve.chat import CompletionBuilder
from maxserve.engines import EmbeddedSettings, EndChunk, EngineChunk, EngineRequest, ProgressChunk, TextChunk
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.service import Service

from .dialects import DIALECTS
from .stage import FOLDER, Ask, Told, Transcript

WEATHER = {
    "name": "get_weather",
    "description": "Get the weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 40},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}
CAPITAL = "What is the capital of France?"
TWO = "What is the weather in Oslo and Paris?"

CASES: dict[str, tuple[str, str, Ask]] = {
    "m2-thought-text": ("m2", "A thought, then plain text.", Ask(CAPITAL)),
    "m2-thought-two-calls": ("m2", "A thought, then two calls.", Ask(TWO, tools=[WEATHER])),
    "m2-schema": (
        "m2", "JSON under a schema: two stretches.", Ask("Anna is 31 years old.", schema=PERSON, max_tokens=120),
    ),
    "m2-length": ("m2", "Cut by length within the thought.", Ask(CAPITAL, max_tokens=4)),
    "m2-stop": ("m2", "Cut by a stop sequence.", Ask(CAPITAL, stop=[" is"])),
    "m3-thought-text": ("m3", "M3's thought, then plain text.", Ask(CAPITAL, thinking="enabled")),
    "m3-no-thought": ("m3", "M3 told not to think.", Ask(CAPITAL, thinking="disabled")),
    "m3-two-calls": ("m3", "M3's own syntax of calls.", Ask(TWO, tools=[WEATHER], thinking="enabled")),
    "m3-no-thought-call": (
        "m3", "A call without a thought.", Ask("What is the weather in Oslo?", tools=[WEATHER], thinking="disabled"),
    ),
}  # fmt: skip


class Recorder:
    """An engine that keeps what it hands on."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self.name = engine.name
        self.info = engine.info
        self.count = engine.count
        self.stretches: list[list[list[Any]]] = []

    def get(self, name: str) -> Recorder:
        return self

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        stretch: list[list[Any]] = []
        self.stretches.append(stretch)
        async with aclosing(self._engine.generate(completion)) as stream:
            async for pieces in stream:
                stretch += [written(piece) for piece in pieces]
                yield pieces


def written(piece: EngineChunk) -> list[Any]:
    """Return a piece as transcripts have it."""
    if isinstance(piece, ProgressChunk):
        return ["progress", piece.done, piece.total, piece.cached]
    if isinstance(piece, TextChunk):
        return ["text", piece.text, piece.tokens]
    assert isinstance(piece, EndChunk)
    return ["end", piece.reason, piece.prompt, piece.completion, piece.cached, piece.stop]


async def record(name: str) -> None:
    """Ask a demo checkpoint and write the transcript."""
    family, about, ask = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(family, EmbeddedSettings(model=f"demo-{family}", threads=1), Path(folder))
        await engine.start()
        recorder = Recorder(engine)
        case = Transcript(about, f"demo-{family}, temperature 0", family, ask, Told(), recorder.stretches)
        body = {**DIALECTS[0].request(case, stream=False), "temperature": 0}
        request = OpenAIChatAdapter().read(json.dumps(body).encode(), RequestContext("0" * 24, 0)).request
        answer = await Service(Catalogue.load(), recorder).answer(request)  # type: ignore[arg-type]
        builder = CompletionBuilder()
        async for events in answer:
            builder.add(events)
        await engine.close()
    result = builder.result().results[0]
    usage = result.usage
    calls = [(call.name, json.loads(call.arguments)) for call in result.calls]
    counts = (usage.prompt, usage.completion, usage.cached, usage.reasoning)
    case.told = Told(result.text, result.reasoning, calls, result.reason, result.stop, counts)
    write(name, case)


def write(name: str, case: Transcript) -> None:
    """Write a transcript, one piece to a line."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    from msgspec import to_builtins

    fields = to_builtins(case)
    stretches = fields.pop("stretches")
    head = "".join(f"  {line(key)}: {line(value)},\n" for key, value in fields.items())
    pieces = ",\n".join("    [\n" + ",\n".join(f"      {line(one)}" for one in s) + "\n    ]" for s in stretches)
    text = "{\n" + head + '  "stretches": [\n' + pieces + "\n  ]\n}\n"
    (FOLDER / "transcripts" / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or CASES:
        asyncio.run(record(wanted))
