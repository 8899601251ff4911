"""The stage: recorded engine output behind the real service and the real doors, with the ids and the time fixed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pytest

from maxserve import chat
from maxserve.access import Keys
from maxserve.catalogue import Catalogue
from maxserve.config import Config
from maxserve.config.settings import AuthSettings
from maxserve.engines import EndChunk, EngineChunk, ProgressChunk, TextChunk
from maxserve.families import reader
from maxserve.server import exchange as asgi
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from maxserve.server.state import State
from maxserve.service import Service
from tests.service.replay import Replay

FOLDER = Path(__file__).parent
ID = "0123456789abcdef01234567"
CREATED = 1_795_219_200
CALLS = "call_function_abcdefghijkl"


class Ask(msgspec.Struct, omit_defaults=True):
    """What every dialect asks in its own words; `thinking` is M3's mode."""

    content: str
    tools: list[dict[str, Any]] = []
    schema: dict[str, Any] | None = None
    stop: list[str] = []
    max_tokens: int = 1000
    thinking: str | None = None


class Told(msgspec.Struct):
    """What every dialect must tell: written down by hand or looked over, not made by the code under test.

    `usage` is prompt, completion, cached and reasoning tokens; `calls` are names and arguments.
    """

    text: str = ""
    reasoning: str = ""
    calls: list[tuple[str, Any]] = []
    reason: str = "stop"
    stop: str | None = None
    usage: tuple[int, int, int, int] = (0, 0, 0, 0)
    error: str | None = None


class Transcript(msgspec.Struct):
    """One case. `stretches` are what the engine said to each completion, piece by piece.

    A piece is `["progress", done, total, cached]`, `["text", text, tokens]`, `["end", reason, prompt, completion,
    cached, stop]` or `["error", class, message]`.
    """

    about: str
    origin: str
    family: str
    ask: Ask
    told: Told
    stretches: list[list[list[Any]]]

    @property
    def raw(self) -> str:
        """Everything that the engine wrote."""
        return "".join(piece[1] for stretch in self.stretches for piece in stretch if piece[0] == "text")


def load(path: Path) -> Transcript:
    """Read one transcript."""
    return msgspec.json.decode(path.read_bytes(), type=Transcript)


TRANSCRIPTS = {path.stem: load(path) for path in sorted((FOLDER / "transcripts").glob("*.json"))}

CHUNKINGS = ("recorded", "burst", "threes", "characters", "ragged")


def script(stretch: list[list[Any]], chunking: str) -> list[list[EngineChunk] | chat.Error]:
    """Return what a stretch of the engine's brings, read by read: one piece each, or cut and joined otherwise."""
    pieces = [piece(one) for one in stretch]
    if chunking == "characters":
        pieces = [cut for one in pieces for cut in _characters(one)]
    chance = random.Random(7)
    steps: list[list[EngineChunk] | chat.Error] = []
    batch: list[EngineChunk] = []
    size = {"recorded": 1, "characters": 1, "threes": 3}.get(chunking, len(pieces))
    for one in pieces:
        if isinstance(one, chat.Error):
            steps += [batch, one] if batch else [one]
            batch = []
            continue
        batch.append(one)
        if len(batch) >= size or (chunking == "ragged" and chance.random() < 0.4):
            steps.append(batch)
            batch = []
    return [*steps, batch] if batch else steps


def piece(one: list[Any]) -> EngineChunk | chat.Error:
    """Return a piece, or the error that ends the stretch."""
    kind, *rest = one
    if kind == "progress":
        return ProgressChunk(*rest)
    if kind == "text":
        return TextChunk(0, *rest)
    if kind == "end":
        return EndChunk(0, *rest)
    error: chat.Error = getattr(chat, rest[0])(rest[1])
    return error


def _characters(one: EngineChunk | chat.Error) -> list[EngineChunk | chat.Error]:
    """Cut a text into its characters; its tokens are complete with the last of them."""
    if not isinstance(one, TextChunk) or len(one.text) < 2:
        return [one]
    return [*(TextChunk(0, letter, 0) for letter in one.text[:-1]), TextChunk(0, one.text[-1], one.tokens)]


class Answer(NamedTuple):
    """What came back: status, the body, and the pieces that it came in."""

    status: int
    body: bytes
    parts: list[bytes]


class Stage:
    """Answers requests in this process; `play` sets the transcript for the next one."""

    def __init__(self, folder: Path) -> None:
        config = Config(data_dir=folder, auth=AuthSettings(signing_key="a fixed key"))
        made = create_state(config)
        self._engines = _Engines()
        # Nothing is masked: one dialect masks by default, and here all must say the same.
        service = Service(Catalogue.load(), self._engines)
        self.state = State(config, made.router, service, Keys(()), made.storage)
        self._app = create_app(self.state)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Close what the requests opened."""
        self._runner.run(self.state.storage.close())
        self._runner.close()

    def ask(self, transcript: Transcript, path: str, body: Any, chunking: str = "recorded") -> Answer:
        """Ask for one answer."""
        scripts = [script(stretch, chunking) for stretch in transcript.stretches]
        self._engines.now = Replay(*scripts, architecture=f"minimax-{transcript.family}")
        with _fixed():
            return self._runner.run(self._ask(path, json.dumps(body).encode()))

    async def _ask(self, path: str, body: bytes) -> Answer:
        sent: list[MutableMapping[str, Any]] = []
        inbox = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> MutableMapping[str, Any]:
            if inbox:
                return inbox.pop()
            return await asyncio.get_running_loop().create_future()

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "headers": [(b"content-type", b"application/json")], "http_version": "1.1",
            "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        await self._app(scope, receive, send)
        assert self.state.service.admission.inside == 0
        parts = [message["body"] for message in sent[1:]]
        return Answer(sent[0]["status"], b"".join(parts), parts)


class _Engines:
    """Every model is answered by the transcript in hand."""

    now: Replay

    def get(self, name: str) -> Replay:
        return self.now


@contextmanager
def _fixed() -> Iterator[None]:
    """Fix what differs from one request to the next."""
    clock = SimpleNamespace(time=lambda: CREATED, perf_counter=time.perf_counter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asgi, "random", SimpleNamespace(getrandbits=lambda bits: int(ID, 16)))
        patch.setattr(asgi, "time", clock)
        patch.setattr(reader, "call_ids", lambda: lambda number: f"{CALLS}_{number + 1}")
        yield
