"""Requests that run through a gateway: cache, limits, retries and a line in its log around the same endpoint."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from ..catalogue import Model
from ..chat import (
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    Event,
    Overloaded,
    Progress,
    Request,
    Started,
    Usage,
)
from ..dialects.cloudflare import CloudflareAsked, RelayedAsked
from ..dialects.door import Asked, Door, Headers
from ..gateway.record import Cached, Call, Entry, Hold
from ..gateway.settings import GatewaySettings
from ..gateway.ulid import ulid
from ..service import Answer
from ..store import StoreError
from .accounts import Accounts
from .asgi import Exchange, Message, Receive, Scope, Send
from .generation import Generation, checkpoint_header
from .state import State

if TYPE_CHECKING:
    from ..gateway.gateways import Gateways

log = logging.getLogger("maxserve.server")

LARGEST_LOGGED = 10 * 1024 * 1024
"""Bytes of a body that the log keeps at most (specs/cloudflare.md §6.4)."""


class Passing(Exchange):
    """An exchange that remembers what goes out, for the log and the cache."""

    __slots__ = ("answer", "cached", "call", "chunks", "holds", "model", "size", "step", "type")

    def __init__(self, scope: Scope, receive: Receive, send: Send, generation: GatewayGeneration) -> None:
        super().__init__(scope, receive, send, generation.door)
        self.call: Call | None = None
        self.model: Model | None = None
        self.holds: list[Hold] = []
        self.answer: Answer | None = None
        self.cached = False
        self.chunks: list[bytes] = []
        self.size = 0
        self.step = 0
        self.type = ""

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                self.size += len(body)
                if self.size <= LARGEST_LOGGED:
                    self.chunks.append(body)
            else:
                self.type = dict(message["headers"]).get(b"content-type", b"").decode("latin-1")
            await send(message)

        self.send = remember

    @property
    def usage(self) -> Usage:
        """What was generated so far; nothing where the answer came from the cache."""
        return Usage() if self.answer is None else self.answer.usage


class GatewayGeneration(Generation):
    """Answers requests that come through a gateway."""

    def __init__(self, state: State, door: Door) -> None:
        super().__init__(state, door)
        self.accounts = Accounts(state.config.cloudflare.accounts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and write it down."""
        exchange = Passing(scope, receive, send, self)
        try:
            await self.handle(exchange)
        finally:
            if exchange.call is not None:
                await self._write_down(exchange, exchange.call)

    async def serve(self, asked: Asked, exchange: Exchange) -> None:
        """Answer from the cache, or ask the service as often as the gateway allows."""
        assert isinstance(exchange, Passing)
        assert isinstance(asked, CloudflareAsked | RelayedAsked)
        self.accounts.check(asked.passage.account, exchange.arrival.key, exchange.scope["path"])
        gateways = await self._gateways()
        call = exchange.call = self._call(asked, exchange)
        exchange.added = [*exchange.added, *_headers(call, exchange)]
        if not asked.stream and (found := await gateways.find(call)) is not None:
            exchange.cached = True
            exchange.added.append((b"cf-aig-cache-status", b"HIT"))
            await exchange.respond(200, found.body, checkpoint_header(found.checkpoint))
            return
        most = await self._most(asked, call) if gateways.budgeted(call) else 0.0
        exchange.holds = await gateways.admit(call, most)
        if gateways.settings(call.gateway, call.options).cache_ttl_s and not asked.stream:
            exchange.added.append((b"cf-aig-cache-status", b"MISS"))
        await self._try(asked, exchange, gateways.settings(call.gateway, call.options))

    async def _try(self, asked: Asked, exchange: Passing, settings: GatewaySettings) -> None:
        pause = settings.retry_delay_s
        for attempt in range(1, settings.max_attempts + 1):
            try:
                answer = await self.service.answer(asked.request)
                # The last attempt may take its time (specs/cloudflare.md §6.6).
                last = attempt == settings.max_attempts and attempt > 1
                if settings.first_byte_timeout_s is not None and not last:
                    answer = Timed(answer, settings.first_byte_timeout_s)
                exchange.answer = answer
                await (self.stream if asked.stream else self.whole)(asked, exchange, answer)
                return
            except (EngineError, Overloaded):
                if attempt == settings.max_attempts or exchange.status:
                    raise
                if exchange.stream is not None:
                    exchange.stream.close()
                    exchange.stream = None
            await asyncio.sleep(pause)
            if settings.retry_backoff == "linear":
                pause += settings.retry_delay_s
            elif settings.retry_backoff == "exponential":
                pause *= 2

    def _call(self, asked: CloudflareAsked | RelayedAsked, exchange: Passing) -> Call:
        passage = asked.passage
        exchange.model = self.service.catalogue.resolve(asked.request.model)
        return Call(
            account=passage.account,
            gateway=passage.gateway,
            path=exchange.scope["path"],
            model=exchange.model.name,
            body=passage.payload,
            mask=self.service.masks(asked.request),
            options=passage.options,
        )

    async def _most(self, asked: Asked, call: Call) -> float:
        """What the request can cost at most: its prompt read afresh, and all that it may write."""
        request = cast(Request, asked.request)
        model = self.service.catalogue.resolve(request.model)
        prompt = await self.service.count(request)
        room = self.service.engine(model).info.context - prompt
        wanted = request.max_tokens or model.default_output or model.max_output
        return model.price.cost(Usage(prompt, max(1, min(wanted, room)) * request.n))

    async def _gateways(self) -> Gateways:
        try:
            return await self.storage.gateways()
        except StoreError as error:
            log.error("%s", error)
            raise EngineUnavailable("The server's database cannot be used; its log says why.") from error

    async def _write_down(self, exchange: Passing, call: Call) -> None:
        """Settle, log and keep; what goes wrong here is for the log, the client has its answer."""
        assert exchange.model is not None
        gateways = await self._gateways()
        usage, options = exchange.usage, call.options
        ok = exchange.status == 200
        spent = exchange.model.price.cost(usage)
        custom = options.custom_cost
        body = b"".join(exchange.chunks)
        stored_whole = exchange.size <= LARGEST_LOGGED
        entry = Entry(
            id=log_id(exchange),
            account=call.account,
            gateway=call.gateway,
            created_at=float(exchange.arrival.created),
            path=call.path,
            model=call.model,
            success=ok,
            status_code=exchange.status,
            cached=exchange.cached,
            duration=round((time.perf_counter() - exchange.started) * 1000),
            tokens_in=usage.prompt,
            tokens_out=usage.completion,
            cost=spent if custom is None else custom.of(usage.prompt, usage.completion),
            custom_cost=custom is not None,
            metadata=options.metadata,
            step=exchange.step,
            event_id=options.event_id,
            request_size=len(call.body),
            request_content_type="application/json",
            response_size=exchange.size,
            response_content_type=exchange.type,
            request=call.body if len(call.body) <= LARGEST_LOGGED else None,
            response=body if stored_whole else None,
        )
        keepable = (
            ok and not exchange.cached and exchange.stream is None and exchange.answer is not None and stored_whole
        )
        answer = None
        if keepable and exchange.type == "application/json" and exchange.answer is not None:
            answer = Cached(body, exchange.type, exchange.answer.checkpoint)
        try:
            await gateways.finish(call, exchange.holds, spent, entry, answer)
        except StoreError:
            log.exception("request %s is not in the gateway's log", exchange.id)


class Timed(Answer):
    """An answer that must begin in time: the first event that shows something within `seconds`."""

    def __init__(self, inner: Answer, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        super().__init__(inner.model, inner.checkpoint, self._timed(), (), 1)

    @property
    def usage(self) -> Usage:
        """The tokens of the answer as far as it has been made."""
        return self._inner.usage

    async def aclose(self) -> None:
        """Stop; also where nothing was read yet."""
        await super().aclose()
        await self._inner.aclose()

    async def _timed(self) -> AsyncGenerator[list[Event]]:
        late = asyncio.get_running_loop().time() + self._seconds
        begun = False
        async with aclosing(self._inner):
            events = self._inner.__aiter__()
            while True:
                try:
                    if begun:
                        batch = await anext(events)
                    else:
                        async with asyncio.timeout_at(late):
                            batch = await anext(events)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise EngineTimeout(f"The answer had not begun within {self._seconds:g} seconds.") from None
                begun = begun or not all(isinstance(event, Started | Progress) for event in batch)
                yield batch


def log_id(exchange: Exchange) -> str:
    """The id of the request's line, known before there is one: of the request's time and its own digits."""
    arrival = exchange.arrival
    return ulid(float(arrival.created), int(arrival.id[:20], 16))


def _headers(call: Call, exchange: Passing) -> Headers:
    own = log_id(exchange).encode()
    event = (call.options.event_id or log_id(exchange)).encode("latin-1", "replace")
    return [
        (b"cf-aig-log-id", own),
        (b"cf-aig-request-id", own),
        (b"cf-aig-event-id", event),
        (b"cf-aig-step", str(exchange.step).encode()),
    ]
