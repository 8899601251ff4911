"""One engine of each family for all tests that only ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.engines.openai_http import OpenAIHttpEngine

from .work import BATCH, CONTEXT, llama_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def m2(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedEngine]:
    settings = EmbeddedSettings(model="demo-m2", parallel=4, threads=1, context=CONTEXT, batch=BATCH)
    engine = EmbeddedEngine("m2", settings, tmp_path_factory.mktemp("data"))
    await engine.start()
    yield engine
    await engine.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def m3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedEngine]:
    settings = EmbeddedSettings(model="demo-m3", parallel=2, threads=1, context=CONTEXT, batch=BATCH)
    engine = EmbeddedEngine("m3", settings, tmp_path_factory.mktemp("data"))
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with llama_server() as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def remote(server: str) -> AsyncIterator[OpenAIHttpEngine]:
    engine = OpenAIHttpEngine("remote", OpenAIHttpSettings(url=f"{server}/v1", model="any", key="k"))
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path
