"""An engine that replays what a real one once said, for the cases that no model produces on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future

from maxserve.catalogue import Catalogue
from maxserve.chat import Error, Event, Message, RawRequest, Request
from maxserve.engines import EndChunk, EngineChunk, EngineInfo, EngineRequest, EngineState, ProgressChunk, TextChunk
from maxserve.service import Service


class Gate:
    """Where an engine waits until a test opens it, from whatever thread."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened: Future[None] = Future()

    def open(self) -> None:
        self._opened.set_result(None)

    async def wait(self) -> None:
        self.reached.set()
        await asyncio.shield(asyncio.wrap_future(self._opened))


Script = Sequence[list[EngineChunk] | Error | Gate | None]
"""What comes, in order; at a gate once it is open; at None nothing more, until whoever waits goes away."""


class Replay:
    """Answers the i-th completion with the i-th script; keeps what it was asked and whether it was read to its end."""

    def __init__(self, *scripts: Script, architecture: str = "minimax-m2") -> None:
        self.name = "replay"
        self.asked: list[EngineRequest] = []
        self.closed_early = 0
        self._scripts = list(scripts)
        self._architecture = architecture

    @property
    def state(self) -> EngineState:
        return "ready"

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(
            name="replay", checkpoint="replayed", architecture=self._architecture, context=4096, parallel=4
        )

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def count(self, text: str) -> int:
        return 77

    async def text(self, tokens: Sequence[int]) -> str:
        return "".join(f"<{token}>" for token in tokens)

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        script = self._scripts[len(self.asked)]
        self.asked.append(completion)
        ended = False
        try:
            for step in script:
                if step is None:
                    await asyncio.Event().wait()
                    continue
                if isinstance(step, Gate):
                    await step.wait()
                    continue
                if isinstance(step, Error):
                    raise step
                yield step
            ended = True
        finally:
            self.closed_early += not ended

    def get(self, name: str) -> Replay:
        return self


def said(*texts: str, index: int = 0) -> list[list[EngineChunk]]:
    """One token a batch."""
    return [[TextChunk(index, text)] for text in texts]


def end(
    reason: str = "end", *, index: int = 0, prompt: int = 10, completion: int = 0, stop: str | None = None
) -> list[EngineChunk]:
    return [EndChunk(index, reason, prompt, completion, 4, stop)]  # type: ignore[arg-type]


def read_prompt(total: int = 10) -> list[EngineChunk]:
    return [ProgressChunk(total, total, 4)]


def request(**fields: object) -> Request:
    return Request(**{"model": "MiniMax-M2.7", "messages": (Message("user", "hi"),), **fields})  # type: ignore[arg-type]


async def events(engine: Replay, asked: Request | RawRequest) -> list[Event]:
    service = Service(Catalogue.load(), engine)
    answer = await service.answer(asked)
    try:
        return [event async for batch in answer for event in batch]
    finally:
        await answer.aclose()
        assert service.admission.inside == 0
