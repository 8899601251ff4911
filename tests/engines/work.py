"""Shorthands of the engine tests: completions, and what came of them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from maxserve.chat import Constraint, Grammar, TokenLogprob
from maxserve.engines import EndChunk, Engine, EngineRequest, ProgressChunk, SamplingValues, TextChunk

LONG = Grammar("root ::= line{500}\nline ::= [a-z ]{100}")
"""Holds any model to an output that is long enough to interrupt."""

CONTEXT = 1024
BATCH = 128

PROMPT = "]~b]user\nSay something.[e~[\n]~b]ai\n"


def completion(
    prompt: str = PROMPT,
    *,
    temperature: float = 1.0,
    seed: int | None = 7,
    top_k: int = 0,
    max_tokens: int | None = 12,
    n: int = 1,
    stop: tuple[str, ...] = (),
    constraint: Constraint | None = None,
    logprobs: int | None = None,
    frequency_penalty: float = 0.0,
    repetition_penalty: float = 1.0,
) -> EngineRequest:
    sampling = SamplingValues(
        temperature, 1.0, top_k, 0.0, seed, frequency_penalty, repetition_penalty=repetition_penalty
    )
    return EngineRequest(
        prompt=prompt,
        sampling=sampling,
        max_tokens=max_tokens,
        n=n,
        stop=stop,
        constraint=constraint,
        logprobs=logprobs,
    )


class Outcome:
    """What one completion gave, by result."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.tokens: dict[int, int] = {}
        self.ends: dict[int, EndChunk] = {}
        self.logprobs: dict[int, list[TokenLogprob]] = {}
        self.progress: list[ProgressChunk] = []
        self.pieces: list[TextChunk] = []

    @property
    def text(self) -> str:
        return self.texts[0]

    @property
    def end(self) -> EndChunk:
        return self.ends[0]

    def add(self, piece: Any) -> None:
        if isinstance(piece, ProgressChunk):
            self.progress.append(piece)
        elif isinstance(piece, EndChunk):
            assert piece.index not in self.ends
            self.ends[piece.index] = piece
            self.texts.setdefault(piece.index, "")
        else:
            assert piece.index not in self.ends
            self.pieces.append(piece)
            self.texts[piece.index] = self.texts.get(piece.index, "") + piece.text
            self.tokens[piece.index] = self.tokens.get(piece.index, 0) + piece.tokens
            self.logprobs.setdefault(piece.index, []).extend(piece.logprobs)


async def run(engine: Engine, wish: EngineRequest) -> Outcome:
    """Run a completion to its end."""
    outcome = Outcome()
    async with aclosing(engine.generate(wish)) as lists:
        async for pieces in lists:
            for piece in pieces:
                outcome.add(piece)
    assert sorted(outcome.ends) == list(range(wish.n))
    for index, end in outcome.ends.items():
        assert outcome.tokens.get(index, 0) == end.completion
    return outcome


async def gone(pid: int, timeout: float = 10.0) -> None:
    """Wait until process `pid`, of whatever parent, has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    try:
        async with asyncio.timeout(timeout):
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def demo(name: str) -> Path:
    return Path(str(files("maxserve"))) / "checkpoints" / f"{name}.gguf"


@contextmanager
def llama_server(key: str = "k") -> Iterator[str]:
    """llama.cpp's own server on loopback TCP, as the embedded engine's child runs it; yields its address."""
    config = {
        "parent": os.getpid(), "model": str(demo("demo-m2")), "socket": "", "key": key, "context": CONTEXT,
        "parallel": 4, "threads": 1, "batch": BATCH, "gpu_layers": 0, "flash_attention": False,
        "unified": False, "cache_mib": 64, "http_threads": 16, "verbosity": 1,
    }  # fmt: skip
    child = Path(str(files("maxserve"))) / "engines" / "engine_process.py"
    process = subprocess.Popen(
        [sys.executable, "-P", str(child)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(config).encode() + b"\n")
        process.stdin.flush()
        yield json.loads(process.stdout.readline())["address"]
        process.stdin.close()
        process.wait(10)
