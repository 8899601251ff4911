"""An engine elsewhere: any server that completes raw prompts over OpenAI's `/v1/completions`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator, Sequence

import msgspec

from ..chat import (
    ContextOverflow,
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    InvalidRequest,
    Unsupported,
)
from ..http.address import Address
from ..http.client import Client, EventStream, Response
from ..http.connection import TimedOut, TransportError
from . import completions, llama
from .completion_stream import CompletionsReader, nothing
from .completions import refusal
from .engine import EngineChunk, EngineInfo, EngineRequest, EngineState
from .settings import OpenAIHttpSettings
from .upstream import Upstream, probe

FIRST_PROBE_DELAY_S = 1.0
LONGEST_PROBE_DELAY_S = 15.0


class _Tokens(msgspec.Struct):
    count: int | None = None
    tokens: list[int] = []


class _Detokenized(msgspec.Struct):
    """Text as llama-server, vLLM and SGLang name it, in this order."""

    content: str | None = None
    prompt: str | None = None
    text: str | None = None


class _Answer(msgspec.Struct):
    usage: completions.Usage | None = None


class OpenAIHttpEngine:
    """Sends each completion as one request.

    The server's own queue does the waiting. While it cannot be reached the state is "restarting" and it is asked
    again, at first after 1 s and then every 15 s at the latest; requests are refused meanwhile.
    """

    def __init__(self, name: str, settings: OpenAIHttpSettings) -> None:
        self.name = name
        self._settings = settings
        self._log = logging.getLogger(f"maxserve.engine.{name}")
        address = Address.parse(settings.url)
        self._base = "/v1" if address.socket else address.prefix
        headers = {"authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = Client(
            msgspec.structs.replace(address, prefix=""),
            headers=headers,
            connect_timeout=settings.connect_timeout_s,
            first_byte_timeout=settings.first_byte_timeout_s,
        )
        self._state: EngineState = "stopped"
        self._upstream = Upstream("other")
        self._info: EngineInfo | None = None
        self._prober: asyncio.Task[None] | None = None

    @property
    def state(self) -> EngineState:
        """Where the engine stands, as far as the last request saw."""
        return self._state

    @property
    def info(self) -> EngineInfo:
        """What is served; raises `EngineUnavailable` until the server answered once."""
        if self._info is None:
            raise EngineUnavailable(f"The engine '{self.name}' has not answered yet.", retry_after=5.0)
        return self._info

    @property
    def kind(self) -> completions.Kind:
        """The kind of server that was found."""
        return self._upstream.kind

    async def start(self) -> None:
        """Ask the server what it is; raises `EngineUnavailable`, and then goes on asking in the background."""
        self._state = "starting"
        try:
            await self._probe()
        except EngineUnavailable:
            self._lost()
            raise

    async def close(self) -> None:
        """Hang up everything; safe to call twice."""
        self._state = "stopped"
        prober, self._prober = self._prober, None
        if prober is not None:
            prober.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await prober
        await self._client.close()

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        """Yield the pieces of all results; an output limit that the context cannot hold is lowered to what it can."""
        if completion.sampling.seed is None:
            seed = secrets.randbelow(llama.SEEDS)
            completion = msgspec.structs.replace(
                completion, sampling=msgspec.structs.replace(completion.sampling, seed=seed)
            )
        limit = completion.max_tokens
        if limit == 0:
            yield nothing(completion, await self.count(completion.prompt))
            return
        if limit is None and self.kind in ("sglang", "other"):
            limit = await self._room(completion)
        for last in (False, True):
            try:
                async with contextlib.aclosing(self._once(completion, limit)) as events:
                    async for pieces in events:
                        yield pieces
                return
            except ContextOverflow as error:
                # vLLM and SGLang refuse what llama.cpp ends with "length": prompt and wished output together too long.
                prompt = error.prompt_tokens or (None if last else await self.count(completion.prompt))
                context = error.context or self.info.context
                if last or prompt is None or limit is None or prompt >= context or limit <= context - prompt:
                    raise
                limit = context - prompt

    async def count(self, text: str) -> int:
        """The number of tokens of `text`; of a server without a tokeniser's path it costs one token of output."""
        root = self._base.removesuffix("/v1")
        body: dict[str, object]
        if self.kind == "other":
            body = {"model": self._settings.model, "prompt": text, "max_tokens": 1}
            answer = msgspec.json.decode(await self._post(f"{self._base}/completions", body), type=_Answer)
            if answer.usage is None:
                raise EngineRefused("The engine does not say how many tokens a prompt has.")
            return answer.usage.prompt_tokens
        if self.kind == "llama":
            body = {"content": text, "add_special": False, "parse_special": True}
        else:
            body = {"model": self._settings.model, "prompt": text, "add_special_tokens": False}
        found = msgspec.json.decode(await self._post(f"{root}/tokenize", body), type=_Tokens)
        return found.count if found.count is not None else len(found.tokens)

    async def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens; raises `Unsupported` where the server has no path that tells it."""
        if self.kind == "other":
            raise Unsupported("This model's engine takes prompts as text, not as token ids.", param="prompt")
        body: dict[str, object] = (
            {"tokens": tokens} if self.kind == "llama" else {"model": self._settings.model, "tokens": tokens}
        )
        response = await self._ask(self._base.removesuffix("/v1") + "/detokenize", body)
        if response.status != 200:
            if self.kind == "llama":
                raise llama.no_text(response.status, response.body)
            refused = refusal(response.status, response.body, response.headers.get("retry-after"))
            raise InvalidRequest(refused.message, param="prompt") if response.status in (400, 422) else refused
        found = msgspec.json.decode(response.body, type=_Detokenized)
        text = next((text for text in (found.content, found.prompt, found.text) if text is not None), None)
        if text is None:
            raise EngineRefused("The engine did not say which text the tokens are.")
        return text

    async def _post(self, path: str, body: dict[str, object]) -> bytes:
        response = await self._ask(path, body)
        if response.status != 200:
            raise refusal(response.status, response.body, response.headers.get("retry-after"))
        return response.body

    async def _ask(self, path: str, body: dict[str, object]) -> Response:
        try:
            return await self._client.request("POST", path, msgspec.json.encode(body))
        except TransportError as error:
            raise self._error(error, started=False) from error

    async def _once(self, completion: EngineRequest, limit: int | None) -> AsyncGenerator[list[EngineChunk]]:
        upstream = self._upstream
        body = completions.write(upstream.kind, upstream.version, self._settings.model, completion, limit)
        reader = CompletionsReader(upstream.kind, completion)
        try:
            async with await self._client.open("POST", f"{self._base}/completions", body) as exchange:
                if exchange.status != 200:
                    raise refusal(exchange.status, await exchange.body(), exchange.headers.get("retry-after"))
                self._found()
                events = EventStream(exchange, completions.CHUNKS)
                while chunks := await events.read():
                    pieces = reader.read(chunks)
                    if pieces:
                        yield pieces
                    if reader.stopped:
                        break  # every result met its stop string: leaving hangs up, which ends the server's work
                yield reader.finish()
        except TransportError as error:
            raise self._error(error, started=reader.produced) from error
        except msgspec.DecodeError as error:
            raise EngineRefused(f"The engine answered in no known form: {error}") from error

    async def _room(self, completion: EngineRequest) -> int:
        """How many tokens the context holds after the prompt."""
        prompt = await self.count(completion.prompt)
        context = self.info.context
        if prompt >= context:
            raise ContextOverflow(
                f"The prompt has {prompt} tokens; the model takes {context}.", prompt_tokens=prompt, context=context
            )
        return context - prompt

    def _error(self, error: TransportError, *, started: bool) -> EngineError:
        if isinstance(error, TimedOut):
            return EngineTimeout(f"The engine '{self.name}' did not answer in time: {error}")
        if started:
            return EngineCrashed(f"The engine '{self.name}' broke off while it worked on this request: {error}")
        self._lost()
        return EngineUnavailable(f"The engine '{self.name}' cannot be reached: {error}", retry_after=5.0)

    def _found(self) -> None:
        if self._state != "stopped":
            self._state = "ready"

    def _lost(self) -> None:
        """Ask the server again and again until it answers."""
        if self._state == "stopped":
            return
        self._state = "starting" if self._info is None else "restarting"
        if self._prober is None or self._prober.done():
            self._prober = asyncio.create_task(self._probe_again(), name=f"probe of engine {self.name}")

    async def _probe_again(self) -> None:
        delay = FIRST_PROBE_DELAY_S
        while self._state not in ("ready", "stopped"):
            await asyncio.sleep(delay)
            delay = min(LONGEST_PROBE_DELAY_S, delay * 2)
            try:
                await self._probe()
            except EngineUnavailable as error:
                self._log.warning("The engine '%s': %s", self.name, error.message)

    async def _probe(self) -> None:
        settings = self._settings
        self._upstream = upstream = await probe(self._client, self._base, settings.model)
        template = None
        if settings.template is not None:
            try:
                template = await asyncio.to_thread(settings.template.read_text, encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise EngineUnavailable(f"The template of the engine '{self.name}' cannot be read: {error}") from error
        self._info = EngineInfo(
            name=self.name,
            checkpoint=settings.model,
            architecture=upstream.kind,
            context=min(settings.context, upstream.context or settings.context),
            parallel=settings.parallel,
            template=template,
        )
        self._found()
