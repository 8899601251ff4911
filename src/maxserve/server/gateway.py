"""Requests that run through a gateway: cache, limits, retries and a line in its log around the same endpoint."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ..apis.adapter import ApiAdapter, Headers, ParsedRequest
from ..apis.cloudflare import ParsedCloudflare, ParsedRelayed, UnknownGateway
from ..apis.cloudflare.options import LONGEST
from ..chat import EngineError, EngineUnavailable, NotFound, Overloaded, Request, Usage
from ..gateway.record import Cached, Call, Entry
from ..gateway.settings import GatewaySettings
from ..store import StoreError
from .exchange import Exchange, Receive, Scope, Send
from .first_byte_timeout import FirstByteTimeout
from .gateway_exchange import LARGEST_LOGGED, GatewayExchange
from .generation import GenerationEndpoint, checkpoint_header
from .state import State

if TYPE_CHECKING:
    from ..gateway.gateways import Gateways

log = logging.getLogger("maxserve.server")


class GatewayGeneration(GenerationEndpoint):
    """Answers requests that come through a gateway."""

    def __init__(self, state: State, adapter: ApiAdapter) -> None:
        super().__init__(state, adapter)
        self.accounts = state.config.cloudflare_accounts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and write it down."""
        exchange = GatewayExchange(scope, receive, send, self.adapter)
        try:
            await self.handle(exchange)
        finally:
            if exchange.call is not None:
                await self.write_down(exchange, exchange.call, exchange.status)

    async def attend(self, exchange: Exchange) -> None:
        """See whose account it is, then read the request and answer it."""
        self.enter(exchange)
        await super().attend(exchange)

    def enter(self, exchange: Exchange) -> None:
        """Note the account; raises `Forbidden` and `NotFound`, on the gateway host `UnknownGateway`."""
        assert isinstance(exchange, GatewayExchange)
        context = exchange.context
        account = context.path.get("account")
        if account is None:
            exchange.account = self.accounts.default_for(context.key)
            return
        try:
            self.accounts.check(account, context.key, exchange.scope["path"])
        except NotFound as error:
            if "gateway" in context.path:
                raise UnknownGateway(f"There is no account {account[:LONGEST]}.") from error
            raise
        exchange.account = account

    async def serve(self, asked: ParsedRequest, exchange: Exchange) -> None:
        """Answer from the cache, or ask the service as often as the gateway allows."""
        assert isinstance(exchange, GatewayExchange)
        assert isinstance(asked, ParsedCloudflare | ParsedRelayed)
        gateways = await self._gateways()
        call = exchange.call = self._call(asked, exchange)
        settings = gateways.settings(call.gateway, call.options)
        exchange.added = _headers(call, exchange, settings)
        try:
            found = None if asked.stream else await gateways.find(call)
            if found is None:
                most = await self._most(asked, call) if gateways.budgeted(call) else 0.0
                exchange.holds = await gateways.admit(call, most)
        except StoreError as error:
            raise _unusable(error) from error
        if found is not None:
            exchange.cached = True
            exchange.added.append((b"cf-aig-cache-status", b"HIT"))
            await exchange.respond(200, found.body, checkpoint_header(found.checkpoint))
        else:
            if settings.cache_ttl_s and not asked.stream:
                exchange.added.append((b"cf-aig-cache-status", b"MISS"))
            await self._try(asked, exchange, settings)
        exchange.failed = False

    async def _try(self, asked: ParsedRequest, exchange: GatewayExchange, settings: GatewaySettings) -> None:
        pause = settings.retry_delay_s
        for attempt in range(1, settings.max_attempts + 1):
            try:
                answer = await self.service.answer(asked.request)
                # The last attempt may take its time (docs/wire/cloudflare.md §6.6).
                last = attempt == settings.max_attempts and attempt > 1
                if settings.first_byte_timeout_s is not None and not last:
                    answer = FirstByteTimeout(answer, settings.first_byte_timeout_s)
                exchange.answer = answer
                await (self.stream if asked.stream else self.write_json)(asked, exchange, answer)
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

    def _call(self, asked: ParsedCloudflare | ParsedRelayed, exchange: GatewayExchange) -> Call:
        passage = asked.passage
        exchange.model = self.service.catalogue.resolve(asked.request.model)
        return Call(
            account=exchange.account,
            gateway=passage.gateway,
            path=exchange.scope["path"],
            model=exchange.model.name,
            body=passage.payload,
            mask=self.service.masks(asked.request),
            form=passage.form,
            options=passage.options,
        )

    async def _most(self, asked: ParsedRequest, call: Call) -> float:
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
            raise _unusable(error) from error

    async def write_down(self, exchange: GatewayExchange, call: Call, status: int) -> None:
        """Settle, log and keep; what goes wrong here is for the log, the client has its answer."""
        assert exchange.model is not None
        gateways = await self._gateways()
        usage, options = exchange.usage(status), call.options
        spent = exchange.model.price.cost(usage)
        custom = None if exchange.cached else options.custom_cost
        body = b"".join(exchange.chunks)
        stored_whole = exchange.size <= LARGEST_LOGGED
        kept = gateways.settings(call.gateway, options).log_payload
        entry = Entry(
            id=exchange.log_id,
            account=call.account,
            gateway=call.gateway,
            created_at=exchange.at,
            path=call.path,
            model=call.model,
            success=status == 200 and not exchange.failed,
            status_code=status,
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
            request=self._loggable(call) if kept and len(call.body) <= LARGEST_LOGGED else None,
            response=self._shown(body, exchange, call) if kept and stored_whole else None,
        )
        answer = None
        whole = not exchange.type.startswith("text/event-stream") and stored_whole
        if entry.success and whole and exchange.answer is not None and not exchange.cached:
            answer = Cached(body, exchange.type, exchange.answer.checkpoint)
        try:
            await gateways.finish(call, exchange.holds, spent, entry, answer)
        except Exception:
            log.exception("request %s is not in the gateway's log", exchange.id)

    def _loggable(self, call: Call) -> bytes:
        """Return a request as the log may keep it: where answers are masked, its texts are, too."""
        if not call.mask:
            return call.body
        return msgspec.json.encode(_each_text(msgspec.json.decode(call.body), self.service.masked))

    def _shown(self, body: bytes, exchange: GatewayExchange, call: Call) -> bytes:
        """Return an answer as the log may keep it: what was hidden from the engine and put back is hidden again."""
        if not (call.mask and self.service.anonymizes_prompts):
            return body
        anonymizer = None if exchange.answer is None else exchange.answer.anonymizer

        def change(text: str) -> str:
            return self.service.masked(text if anonymizer is None else anonymizer.hidden(text))

        if not exchange.type.startswith("text/event-stream"):
            return _rewritten(body, change)
        # A value that is put back stands whole in one frame.
        lines = (
            b"data: " + _rewritten(line[6:], change) if line.startswith(b"data: ") else line
            for line in body.split(b"\n")
        )
        return b"\n".join(lines)


def _rewritten(body: bytes, change: Callable[[str], str]) -> bytes:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body  # no JSON, such as the end mark of a stream
    return msgspec.json.encode(_each_text(value, change))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every text in it changed; names of fields stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {name: _each_text(each, change) for name, each in value.items()}
    return value


def _unusable(error: StoreError) -> EngineUnavailable:
    log.error("%s", error)
    return EngineUnavailable("The server's database cannot be used; its log says why.")


def _headers(call: Call, exchange: GatewayExchange, settings: GatewaySettings) -> Headers:
    headers = [
        (b"cf-aig-request-id", exchange.log_id.encode()),
        (b"cf-aig-event-id", (call.options.event_id or exchange.log_id).encode()),
        (b"cf-aig-step", str(exchange.step).encode()),
    ]
    return [(b"cf-aig-log-id", exchange.log_id.encode()), *headers] if settings.collect_logs else headers
