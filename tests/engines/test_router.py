"""The engines by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from maxserve.chat import EngineUnavailable
from maxserve.engines import (
    EmbeddedSettings,
    EngineChunk,
    EngineInfo,
    EngineRequest,
    EngineState,
    OpenAIHttpSettings,
    Router,
    create,
)
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.engines.openai_http import OpenAIHttpEngine


class Fake:
    """An engine that starts when it is let."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.state: EngineState = "stopped"
        self.let = asyncio.Event()
        self.error = error
        self.info = EngineInfo(name=name, checkpoint=name, architecture="fake", context=1, parallel=1)

    async def start(self) -> None:
        self.state = "starting"
        await self.let.wait()
        if self.error is not None:
            self.state = "failed"
            raise self.error
        self.state = "ready"

    async def close(self) -> None:
        self.state = "stopped"

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        raise AssertionError("a router generates nothing")
        yield []

    async def count(self, text: str) -> int:
        return len(text)


def test_create(tmp_path: Path) -> None:
    assert isinstance(create("a", EmbeddedSettings(model="demo-m2"), tmp_path), EmbeddedEngine)
    elsewhere = create("b", OpenAIHttpSettings(url="http://localhost:1/v1", model="m"), tmp_path)
    assert isinstance(elsewhere, OpenAIHttpEngine)
    assert elsewhere.name == "b"


async def test_engines_start_side_by_side_and_fail_alone() -> None:
    engines = {
        "good": Fake("good"),
        "bad": Fake("bad", EngineUnavailable("no")),
        "worse": Fake("worse", RuntimeError("a fault")),
    }
    router = Router(engines)
    assert len(router) == len(list(router)) == 3
    router.start()
    router.start()
    await asyncio.sleep(0)
    assert set(router.states.values()) == {"starting"}
    for engine in engines.values():
        engine.let.set()
    await router.started()
    assert router.states == {"good": "ready", "bad": "failed", "worse": "failed"}
    await router.close()
    await router.close()
    assert set(router.states.values()) == {"stopped"}


async def test_closing_ends_a_start_that_hangs() -> None:
    router = Router({"slow": Fake("slow")})
    router.start()
    await asyncio.sleep(0)
    await router.close()
    assert router.states == {"slow": "stopped"}


def test_unknown_engines_are_named() -> None:
    with pytest.raises(EngineUnavailable, match=r"No engine is called 'x'; the configuration has: none\."):
        Router({}).get("x")


async def test_a_real_engine_through_the_router(tmp_path: Path) -> None:
    router = Router.of({"m": EmbeddedSettings(model="demo-m2", threads=1, parallel=1)}, tmp_path)
    router.start()
    await router.started()
    assert router.states == {"m": "ready"}
    assert router.get("m").info.demo
    await router.close()
