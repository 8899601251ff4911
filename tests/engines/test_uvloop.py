"""The engines on uvloop, which is what the server runs on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from maxserve.chat import EngineUnavailable
from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.engines.openai_http import OpenAIHttpEngine

from .work import CONTEXT, LONG, completion, gone, run

uvloop = pytest.importorskip("uvloop")


async def _embedded(folder: Path) -> None:
    settings = EmbeddedSettings(model="demo-m2", parallel=2, threads=1, context=CONTEXT)
    engine = EmbeddedEngine("uv", settings, folder)
    await engine.start()
    assert (await run(engine, completion(n=2, max_tokens=5, constraint=LONG))).end.completion == 5
    lists = engine.generate(completion(max_tokens=900, constraint=LONG))
    await anext(lists)
    await lists.aclose()
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert (await run(engine, completion(max_tokens=2, constraint=LONG))).end.completion == 2
    await engine.close()


async def _remote(server: str) -> None:
    engine = OpenAIHttpEngine("uv", OpenAIHttpSettings(url=f"{server}/v1", model="any", key="k"))
    await engine.start()
    assert (await run(engine, completion(n=2, max_tokens=5, constraint=LONG))).end.completion == 5
    await engine.close()
    nobody = OpenAIHttpEngine("uv", OpenAIHttpSettings(url="http://localhost:9/v1", model="any"))
    with pytest.raises(EngineUnavailable, match="does not answer"):
        await nobody.start()
    await nobody.close()


def test_embedded(tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_embedded(tmp_path))


def test_remote(server: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_remote(server))
