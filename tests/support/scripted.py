"""A real server whose engine says what it is told to: for clients that a small model's wit would not take far.

Everything but the engine is real: sockets, routes, dialects, service, families. The engine replays raw model output in
pieces of a few characters, as tokens come.

    with scripted() as served:
        served.say("Let me see.\\n</think>\\n\\nYes.")
        openai.OpenAI(base_url=served.base_url, api_key="unused").responses.create(…)
        assert "…" in served.prompts[-1]
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from maxserve.chat import Error
from maxserve.config import load
from maxserve.engines import EngineChunk, EngineRequest
from maxserve.server.app import create_app
from maxserve.server.run import bind, create_state, uvicorn_config
from tests.service.replay import Gate, Replay, end, read_prompt, said

PIECE = 5
"""How many characters come at once."""


class Scripted:
    """A running server: its address, what its engine will say, and what it was asked."""

    def __init__(self, url: str, engine: Replay, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self._engine = engine

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.url}/v1"

    @property
    def completions(self) -> list[EngineRequest]:
        """What the engine was asked to complete, in order."""
        return self._engine.asked

    @property
    def prompts(self) -> list[str]:
        """The prompts of `completions`."""
        return [completion.prompt for completion in self._engine.asked]

    @property
    def hung_up(self) -> int:
        """How many answers were broken off before their end."""
        return self._engine.closed_early

    def say(
        self,
        raw: str,
        *others: str,
        reason: str = "end",
        error: Error | None = None,
        piece: int = PIECE,
        stuck: bool = False,
        gate: Gate | None = None,
    ) -> None:
        """Answer the next completion that has no answer yet with `raw` output, or with its beginning and an `error`.

        `others` are its further results. Before the end the engine waits at a `gate`; a `stuck` one says nothing more,
        until whoever waits goes away.
        """
        script: list[list[EngineChunk] | Error | Gate | None] = [read_prompt()]
        ends: list[list[EngineChunk] | Error] = []
        for index, one in enumerate((raw, *others)):
            pieces = said(*(one[at : at + piece] for at in range(0, len(one), piece)), index=index)
            script += pieces
            ends.append(end(reason, index=index, completion=len(pieces)))
        script += [gate] if gate is not None else []
        if stuck:
            script.append(None)
        self._engine._scripts.append([*script, *(ends if error is None else [error])])


@contextmanager
def scripted(
    architecture: str = "minimax-m2", environ: dict[str, str] | None = None, port: int = 0
) -> Iterator[Scripted]:
    """Run one in a thread, at `port` of the loopback, 0 = a free one; `environ` configures it."""
    engine = Replay(architecture=architecture)
    with TemporaryDirectory(prefix="maxserve-scripted-") as folder:
        config = load(environ={"MAXSERVE_DATA_DIR": folder, **(environ or {})}, cwd=Path(folder)).config
        state = create_state(config, engine)
        app = create_app(state)
        listener = bind("127.0.0.1", port)
        listener.listen()  # from here on clients may connect, and wait until the server runs
        server = uvicorn.Server(uvicorn_config(app, config.server.max_body_bytes, drain_s=1))

        async def serve() -> None:
            await server.serve([listener])
            await state.storage.close()
            await state.service.close()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        try:
            yield Scripted(f"http://127.0.0.1:{listener.getsockname()[1]}", engine, Path(folder))
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()
