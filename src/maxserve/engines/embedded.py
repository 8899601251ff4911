"""The embedded engine: llama.cpp in a supervised child process."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec

from ..chat import EngineCrashed, EngineError, EngineRefused, EngineUnavailable, Schema
from ..http.client import Client, EventStream, Response
from ..http.connection import TransportError
from . import cpu as cores
from . import llama
from .checkpoints import Checkpoint, resolve
from .completion_stream import nothing
from .engine import EndChunk, EngineChunk, EngineInfo, EngineRequest, EngineState, TextChunk
from .schema_probe import SchemaProbe
from .settings import EmbeddedSettings
from .supervisor import ProcessPaths, Supervisor
from .weighted_semaphore import WeightedSemaphore

DEFAULT_CONTEXT = 32_768
RESTART_WAIT_S = 30.0
"""How long a request waits for an engine that is being started again."""

_DENSE = "running DENSE attention"
"""In llama.cpp's warning when M3's sparse attention could not be used (src/models/minimax-m3.cpp)."""

_NOISE = ("need to evaluate at least 1 token", "n_past was set to", "cancel task, id_task")
"""Parts of lines that llama.cpp writes as warnings in the best of health."""

ASIDES = 8
"""Short questions (counting tokens) that are with the child at a time; each holds one of its threads."""


class _Defaults(msgspec.Struct, frozen=True):
    n_ctx: int


class _Modalities(msgspec.Struct, frozen=True):
    vision: bool = False


class _Props(msgspec.Struct, frozen=True):
    default_generation_settings: _Defaults
    total_slots: int
    modalities: _Modalities = _Modalities()


class _Tokens(msgspec.Struct, frozen=True):
    tokens: list[int]


class _Content(msgspec.Struct, frozen=True):
    content: str


class EmbeddedEngine:
    """llama.cpp, in a child process that is started again when it ends.

    At most `parallel` results are with the child at a time; further requests wait here in order. A request that had
    produced nothing when the child ended is run once more after the restart; one that had raises `EngineCrashed`.
    """

    def __init__(self, name: str, settings: EmbeddedSettings, data_dir: Path) -> None:
        self.name = name
        self._settings = settings
        self._data_dir = data_dir
        self._log = logging.getLogger(f"maxserve.engine.{name}")
        self._gate = WeightedSemaphore(settings.parallel)
        self._asides = WeightedSemaphore(ASIDES)
        self._supervisor: Supervisor | None = None
        self._client: Client | None = None
        self._run = 0
        self._info: EngineInfo | None = None
        self._trial = SchemaProbe(self._ask)
        self._failed = ""
        self._connecting = asyncio.Lock()

    @property
    def state(self) -> EngineState:
        """Where the engine stands right now."""
        if self._failed:
            return "failed"
        if self._supervisor is None:
            return "stopped"
        if self._supervisor.state == "ready" and self._info is None:
            return "starting"
        return self._supervisor.state

    @property
    def info(self) -> EngineInfo:
        """What is loaded; raises `EngineUnavailable` until the engine was ready once."""
        if self._info is None:
            raise EngineUnavailable(self._failed or f"The engine '{self.name}' is {self.state}.", retry_after=5.0)
        return self._info

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._supervisor.pid if self._supervisor is not None else None

    @property
    def place(self) -> ProcessPaths | None:
        """Where the running child answers, None while there is none."""
        return self._supervisor.now if self._supervisor is not None else None

    @property
    def log(self) -> list[str]:
        """The last lines that the child wrote."""
        return list(self._supervisor.log) if self._supervisor is not None else []

    async def start(self) -> None:
        """Find the checkpoint, start the child and return when it answers; raises `EngineUnavailable`."""
        self._failed = ""
        try:
            checkpoint = await asyncio.to_thread(resolve, self._settings.model, self._data_dir)
            if self._supervisor is None:
                self._supervisor = Supervisor(
                    self.name,
                    self._config(checkpoint),
                    start_timeout=self._settings.start_timeout_s,
                    max_restarts=self._settings.max_restarts_per_minute,
                    on_line=self._hear,
                    noise=_NOISE,
                )
            await self._supervisor.start()
            await self._connected(None)
            self._info = await self._describe(checkpoint)
        except EngineUnavailable as error:
            self._failed = error.message
            raise

    async def close(self) -> None:
        """End the child; safe to call twice."""
        if self._client is not None:
            await self._client.close()
            self._client = None
        if self._supervisor is not None:
            await self._supervisor.close()

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        """Yield the pieces of all results; more than `parallel` of them are run in rounds that share the prompt."""
        if completion.max_tokens == 0:
            yield nothing(completion, await self.count(completion.prompt))
            return
        seed = completion.sampling.seed
        if seed is None:
            seed = secrets.randbelow(llama.SEEDS)  # ours, so that a second try and every result agree on it
        if isinstance(completion.constraint, Schema):
            await self._trial.check(completion.constraint.schema)
        first = 0
        while first < completion.n:
            # llama.cpp counts the seeds of a round up: at the highest another begins.
            results = min(completion.n - first, self._settings.parallel, llama.SEEDS - (seed + first) % llama.SEEDS)
            async with aclosing(self._round(completion, seed + first, results, first)) as pieces:
                async for piece in pieces:
                    yield piece
            first += results

    async def count(self, text: str) -> int:
        """The number of tokens of `text`, control tokens read as such."""
        body = msgspec.json.encode({"content": text, "add_special": False, "parse_special": True})
        response = await self._aside("/tokenize", body)
        if response.status != 200:
            raise llama.refusal(response.status, response.body)
        return len(msgspec.json.decode(response.body, type=_Tokens).tokens)

    async def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens, control tokens written out; raises `InvalidRequest` for an id that there is none of."""
        response = await self._aside("/detokenize", msgspec.json.encode({"tokens": tokens}))
        if response.status != 200:
            raise llama.no_text(response.status, response.body)
        return msgspec.json.decode(response.body, type=_Content).content

    async def _aside(self, path: str, body: bytes) -> Response:
        """Ask a short question, once more where the child ended over the first."""
        await self._asides.enter(1)
        try:
            try:
                return await self._asked(path, body)
            except EngineCrashed:
                return await self._asked(path, body)
        finally:
            self._asides.leave(1)

    async def _asked(self, path: str, body: bytes) -> Response:
        client, run = await self._connected(RESTART_WAIT_S)
        try:
            return await client.request("POST", path, body)
        except TransportError:
            raise await self._crashed(run) from None

    async def _round(
        self, completion: EngineRequest, seed: int, results: int, first: int
    ) -> AsyncGenerator[list[EngineChunk]]:
        """Run results `first` to `first + results - 1`, once more where the child ended before any piece."""
        body = llama.write(completion, seed, results)
        await self._gate.enter(results)
        try:
            for last in (first > 0, True):
                client, run = await self._connected(RESTART_WAIT_S)
                reader = llama.Reader(completion, results, first)
                try:
                    async with await client.open("POST", "/completion", body) as exchange:
                        if exchange.status != 200:
                            raise llama.refusal(exchange.status, await exchange.body())
                        events = EventStream(exchange, llama.CHUNKS)
                        while chunks := await events.read():
                            pieces = reader.read(chunks)
                            if reader.lost:
                                pieces = await self._restore(client, reader.lost, pieces)
                            if pieces:
                                yield pieces
                    if reader.open:
                        raise EngineRefused("The engine ended its stream before the results were complete.")
                    return
                except TransportError:
                    if reader.produced or last:
                        raise await self._crashed(run) from None
                    await self._crashed(run)
                except msgspec.DecodeError as error:
                    raise EngineRefused(f"The engine answered in no known form: {error}") from error
        finally:
            self._gate.leave(results)

    async def _restore(
        self, client: Client, lost: dict[int, list[int]], pieces: list[EngineChunk]
    ) -> list[EngineChunk]:
        """Put the text of the tokens in `lost` before the ends of their results, and forget them."""
        whole: list[EngineChunk] = []
        for piece in pieces:
            if isinstance(piece, EndChunk) and (tokens := lost.pop(piece.index, None)):
                response = await client.request("POST", "/detokenize", msgspec.json.encode({"tokens": tokens}))
                if response.status != 200:
                    raise llama.refusal(response.status, response.body)
                text = msgspec.json.decode(response.body, type=_Content).content
                whole.append(TextChunk(piece.index, text.rstrip("\ufffd"), 0))
            whole.append(piece)
        return whole

    async def _ask(self, body: bytes) -> Response:
        """Run a short completion outside of any stream."""
        await self._gate.enter(1)
        try:
            client, run = await self._connected(RESTART_WAIT_S)
            try:
                return await client.request("POST", "/completion", body)
            except TransportError:
                raise await self._crashed(run) from None
        finally:
            self._gate.leave(1)

    async def _connected(self, timeout: float | None) -> tuple[Client, int]:
        """Return a client of the running child, waiting for it up to `timeout` seconds, and the child's number."""
        if self._supervisor is None:
            raise EngineUnavailable(self._failed or f"The engine '{self.name}' is not started.")
        place = await self._supervisor.place(timeout)
        if self._client is None or self._run != place.run:
            await self._connect(place)
        assert self._client is not None
        return self._client, place.run

    async def _connect(self, place: ProcessPaths) -> None:
        async with self._connecting:
            if self._client is not None and self._run == place.run:
                return
            if self._client is not None:
                await self._client.close()
            self._client = Client(place.address, headers={"authorization": f"Bearer {place.key}"})
            self._run = place.run

    async def _crashed(self, run: int) -> EngineError:
        assert self._supervisor is not None
        return await self._supervisor.crashed(run)

    def _config(self, checkpoint: Checkpoint) -> dict[str, Any]:
        settings = self._settings
        header = checkpoint.header
        context = settings.context or min(header.context or DEFAULT_CONTEXT, DEFAULT_CONTEXT)
        memory = cores.memory_mib()
        return {
            "model": str(checkpoint.path),
            "context": context,
            "parallel": settings.parallel,
            # A second thread gains a demo checkpoint little, and on busy cores two spend their time waiting for each
            # other: requests were seen to take a hundred times as long.
            "threads": settings.threads or (1 if checkpoint.demo else cores.physical()),
            "batch": settings.batch,
            "gpu_layers": settings.gpu_layers,
            # M3's sparse attention runs only with flash attention and one stream of the cache per request.
            "flash_attention": header.sparse,
            "unified": False,
            "cache_mib": min(8192, memory // 8) if memory else 2048,
            # A kept connection holds a thread in llama.cpp even while it is idle: one per place, one more for the
            # question that a place may ask at its end, and those aside.
            "http_threads": 2 * settings.parallel + ASIDES + 4,
            "verbosity": 3 if self._log.isEnabledFor(logging.DEBUG) else 2,
        }

    async def _describe(self, checkpoint: Checkpoint) -> EngineInfo:
        client, run = await self._connected(None)
        try:
            response = await client.request("GET", "/props")
        except TransportError:
            raise EngineUnavailable((await self._crashed(run)).message) from None
        if response.status != 200:
            raise EngineUnavailable(llama.refusal(response.status, response.body).message)
        props = msgspec.json.decode(response.body, type=_Props)
        header = checkpoint.header
        dense = self._info is not None and self._info.sparse is False
        return EngineInfo(
            name=self.name,
            checkpoint=checkpoint.name,
            architecture=header.architecture,
            context=props.default_generation_settings.n_ctx,
            parallel=props.total_slots,
            template=header.template,
            sparse=not self._dense_seen and not dense if header.sparse else None,
            vision=props.modalities.vision,
            demo=checkpoint.demo,
        )

    @property
    def _dense_seen(self) -> bool:
        return self._supervisor is not None and any(_DENSE in line for line in self._supervisor.log)

    def _hear(self, line: str) -> None:
        """Read the child's log for what it says nowhere else."""
        self._trial.hear(line)
        if _DENSE in line:
            self._log.error("M3 runs with dense attention instead of block-sparse: %s", line)
            if self._info is not None and self._info.sparse:
                self._info = msgspec.structs.replace(self._info, sparse=False)
        elif "GGML_ASSERT" in line or "GGML_ABORT" in line:
            self._log.error("%s", line)
