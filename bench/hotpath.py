"""The rooms of the hot path, each alone: where a slower road lost its time.

Every part works on the same 256-token answer: thought, then text, in llama.cpp's chunks. Rates are per second of one
core, the best of several runs (what disturbs a run only makes it slower). `python -m bench.hotpath [--profile PART]`;
about ten seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import time
from collections.abc import AsyncGenerator, Callable
from typing import NamedTuple

import msgspec

from maxserve.apis.adapter import RequestContext, ResponseContext, StreamWriter
from maxserve.apis.openai_chat import OpenAIChatAdapter
from maxserve.apis.shared_chat import SharedChatAdapter
from maxserve.catalogue import Catalogue
from maxserve.chat import CompletionBuilder, Event
from maxserve.engines import EndChunk, EngineChunk, EngineInfo, EngineRequest, EngineState, TextChunk
from maxserve.engines.completion_stream import CompletionsReader
from maxserve.engines.completions import CHUNKS
from maxserve.families import family
from maxserve.http.sse import EventReader
from maxserve.service import Service

from .budget import figure
from .page import Page, quiet
from .process import SERVER_CORES, pinned

TOKENS = 256
THOUGHT = 16
BATCH = 32
"""Tokens that one read of the engine's socket brings, in the parts that work in batches."""

_WORDS = (" the", " model", " answers", " in", " short", " words", " and", " then", " stops", ".")
PIECES = [_WORDS[i % 10] if i != THOUGHT else "\n</think>\n\n" for i in range(TOKENS)]
BODY = msgspec.json.encode(
    {
        "model": "minimax/m2.7",
        "messages": [{"role": "user", "content": "Say something."}],
        "max_tokens": TOKENS,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
)


class FakeEngine:
    """An engine that has every answer ready, in batches of `batch` pieces."""

    name = "m2"
    state: EngineState = "ready"
    info = EngineInfo(name="m2", checkpoint="synthetic", architecture="minimax-m2", context=131_072, parallel=64)

    def __init__(self, batch: int) -> None:
        pieces: list[EngineChunk] = [TextChunk(0, text) for text in PIECES]
        self._batches = [pieces[at : at + batch] for at in range(0, TOKENS, batch)]
        self._batches[-1].append(EndChunk(0, "end", 12, TOKENS, 0))

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to end."""

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        """Yield the answer."""
        for batch in self._batches:
            yield batch

    async def count(self, text: str) -> int:
        """No prompt matters here."""
        return 12


class Part(NamedTuple):
    """One room alone: `run` does the work of `count` units."""

    name: str
    unit: str
    count: int
    run: Callable[[], object]


def chunks() -> list[bytes]:
    """Return the answer as an engine's reads bring it: `BATCH` chunks each."""
    frames = [
        b'data: {"choices":[{"text":%b,"index":0,"logprobs":null,"finish_reason":null}],"created":1763712000,'
        b'"model":"synthetic","system_fingerprint":"b7100-0123abcd","object":"text_completion",'
        b'"id":"chatcmpl-m4q2Zk8VbN1xTt0cR7yLwEoJd5uHsGfA"}\n\n' % msgspec.json.encode(text)
        for text in PIECES
    ]
    return [b"".join(frames[at : at + BATCH]) for at in range(0, TOKENS, BATCH)]


def parts() -> list[Part]:
    """Return every part, in the order of a request's way."""
    catalogue = Catalogue.load()
    service = Service(catalogue, {"m2": FakeEngine(BATCH)})
    singly = Service(catalogue, {"m2": FakeEngine(1)})
    openai = OpenAIChatAdapter()
    adapter = SharedChatAdapter({"openai": openai, "minimax": openai, "cloudsway": openai})
    context = RequestContext("0" * 24, 1763712000)
    asked = adapter.read(BODY, context)
    request = asked.request
    plan = service.plan(request)
    reads = chunks()
    lines = family("m2")

    def read_engine() -> None:
        events = EventReader(CHUNKS)
        reader = CompletionsReader("other", plan.completion)
        for data in reads:
            reader.read(events.feed(data))

    def parse(pieces: list[str]) -> list[list[Event]]:
        parser = lines.parser(plan.prompt, ())
        return [*map(parser.feed, pieces), parser.finish()]

    reply = ResponseContext(context, plan.model, "synthetic")

    def stream() -> StreamWriter:
        return asked.stream_writer(reply)

    async def answered(by: Service) -> list[list[Event]]:
        return [events async for events in await by.answer(request)]

    loop = asyncio.new_event_loop()
    merged = ["".join(PIECES[at : at + BATCH]) for at in range(0, TOKENS, BATCH)]
    events_singly = loop.run_until_complete(answered(singly))
    events_batched = loop.run_until_complete(answered(service))

    def write(batches: list[list[Event]]) -> None:
        writer = stream()
        for events in batches:
            writer.write(events)
        writer.end()

    def gather() -> bytes:
        builder = CompletionBuilder(1)
        for events in events_batched:
            builder.add(events)
        return asked.write_json(builder.result(), reply)

    return [
        Part("dialect.read", "requests", 1, lambda: adapter.read(BODY, context)),
        Part("service.plan (resolve, render)", "requests", 1, lambda: service.plan(request)),
        Part(f"engine.read, {BATCH} chunks a read", "tokens", TOKENS, read_engine),
        Part("family.parse, token by token", "tokens", TOKENS, lambda: parse(PIECES)),
        Part(f"family.parse, {BATCH} tokens together", "tokens", TOKENS, lambda: parse(merged)),
        Part("service, token by token", "tokens", TOKENS, lambda: loop.run_until_complete(answered(singly))),
        Part(f"service, {BATCH} tokens together", "tokens", TOKENS, lambda: loop.run_until_complete(answered(service))),
        Part("dialect.write, token by token", "tokens", TOKENS, lambda: write(events_singly)),
        Part(f"dialect.write, {BATCH} tokens together", "tokens", TOKENS, lambda: write(events_batched)),
        Part("gather and write whole", "answers", 1, gather),
    ]


def rate(part: Part, seconds: float = 0.15, runs: int = 5) -> float:
    """Return units per second of CPU: the best of `runs` runs of about `seconds` each."""
    times = 1
    while True:
        best = 0.0
        for _ in range(runs):
            start = time.process_time()
            for _ in range(times):
                part.run()
            spent = time.process_time() - start
            if spent < seconds / 4:
                break
            best = max(best, part.count * times / spent)
        else:
            return best
        times = max(times * 2, round(times * seconds / max(spent, 1e-6)))


def run() -> None:
    """Measure every part and write the section."""
    quiet()
    page = Page("hotpath", "The rooms of the hot path, each alone", "python -m bench.hotpath")
    rows = []
    with pinned(SERVER_CORES):
        for part in parts():
            value = rate(part)
            rows.append([part.name, f"{figure(value)} {part.unit}/s", f"{1e6 / value:.2f}"])
    page.say(f"Per second of CPU, an answer of {TOKENS} tokens; best of five runs.")
    page.rows(["room", "rate", "µs for each"], rows)
    page.save()


def profile(name: str, lines: int = 30) -> None:
    """Print where the time of one part goes."""
    found = [part for part in parts() if part.name.startswith(name)]
    if not found:
        raise SystemExit(f"no part begins with '{name}'; there are: {', '.join(part.name for part in parts())}")
    part = found[0]
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(max(20, 20_000 // part.count)):
        part.run()
    profiler.disable()
    print(part.name)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(lines)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", metavar="PART", help="profile the first part whose name begins so, and print it")
    args = parser.parse_args()
    if args.profile:
        profile(args.profile)
    else:
        run()


if __name__ == "__main__":
    main()
