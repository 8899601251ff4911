"""The engines by name: made from settings, started together, closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..chat import EngineUnavailable, Error
from .embedded import EmbeddedEngine
from .engine import Engine, EngineState
from .openai_http import OpenAIHttpEngine
from .settings import EmbeddedSettings, EngineSettings

_log = logging.getLogger("maxserve.engines")


def create(name: str, settings: EngineSettings, data_dir: Path) -> Engine:
    """Return the engine that `settings` describe, not started; pulled weights are looked for under `data_dir`."""
    if isinstance(settings, EmbeddedSettings):
        return EmbeddedEngine(name, settings, data_dir)
    return OpenAIHttpEngine(name, settings)


class Router:
    """Holds the engines of a server.

    `start` returns at once; each engine becomes ready on its own, and one that fails leaves the others alone.
    """

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self._engines = dict(engines)
        self._starts: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def of(cls, settings: Mapping[str, EngineSettings], data_dir: Path) -> Router:
        """Make every engine of `settings`, by name."""
        return cls({name: create(name, one, data_dir) for name, one in settings.items()})

    def __iter__(self) -> Iterator[Engine]:
        return iter(self._engines.values())

    def __len__(self) -> int:
        return len(self._engines)

    def get(self, name: str) -> Engine:
        """Return the engine `name`; raises `EngineUnavailable` where the configuration has none of that name."""
        engine = self._engines.get(name)
        if engine is None:
            known = ", ".join(sorted(self._engines)) or "none"
            raise EngineUnavailable(f"No engine is called '{name}'; the configuration has: {known}.")
        return engine

    @property
    def states(self) -> dict[str, EngineState]:
        """Where each engine stands right now."""
        return {name: engine.state for name, engine in self._engines.items()}

    def start(self) -> None:
        """Begin to start every engine, side by side, in the background."""
        for name, engine in self._engines.items():
            if name not in self._starts:
                self._starts[name] = asyncio.create_task(self._start(engine), name=f"start of engine {name}")

    async def started(self) -> None:
        """Wait until every start has come to its end, well or not."""
        await asyncio.gather(*self._starts.values())

    async def close(self) -> None:
        """Close every engine, side by side; safe to call twice."""
        starts = list(self._starts.values())
        self._starts.clear()
        for task in starts:
            task.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        await asyncio.gather(*(engine.close() for engine in self._engines.values()))

    async def _start(self, engine: Engine) -> None:
        try:
            await engine.start()
        except Error as error:
            _log.error("The engine '%s' did not start: %s", engine.name, error.message)
        except Exception:
            _log.exception("The engine '%s' did not start.", engine.name)
        else:
            _log.info("The engine '%s' is ready: %s", engine.name, engine.info.checkpoint)
