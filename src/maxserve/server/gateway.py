"""Requests through a gateway: its cache, limits, retries and log around a generation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from ..apis.adapter import ApiAdapter, Headers, ParsedRequest
from ..apis.cloudflare import ParsedCloudflare, ParsedRelayed, UnknownGateway
from ..apis.cloudflare.options import LONGEST
from ..apis.cloudflare.universal import Step, UniversalAdapter
from ..chat import EngineError, Error, NotFound, Overloaded, Request, Usage
from ..gateway.record import Cached, Call, Entry
from ..gateway.settings import GatewaySettings
from .cancellation import DisconnectWatcher
from .exchange import Receive, Scope, Send
from .first_byte_timeout import with_first_byte_timeout
from .gateway_exchange import LARGEST_LOGGED, GatewayExchange
from .generation import checkpoint_header, respond
from .lifecycle import Gate
from .state import State

log = logging.getLogger("maxserve.server")


class GatewayEndpoint:
    """One path whose requests run through a gateway; every request that reached one leaves a line in its log."""

    def __init__(self, state: State, gate: Gate, adapter: ApiAdapter) -> None:
        self._state = state
        self._gate = gate
        self._adapter = adapter
        self._service = state.service
        self._accounts = state.config.cloudflare_accounts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        exchange = GatewayExchange(scope, receive, send, self._adapter)
        try:
            await self._gate.handle(exchange, self._handle, self._gate.authenticate)
        finally:
            if exchange.call is not None:
                await self._log(exchange, exchange.call, exchange.status)

    async def _handle(self, exchange: GatewayExchange) -> None:
        self._find_account(exchange)
        settings = self._state.config
        body = await exchange.body(settings.server.max_body_bytes)
        if isinstance(self._adapter, UniversalAdapter):
            steps = self._adapter.steps(body, exchange.context)
            async with DisconnectWatcher(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
                await self._try_steps(steps, exchange)
            return
        parsed = self._adapter.read(body, exchange.context)
        exchange.adapter = parsed.adapter
        async with DisconnectWatcher(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
            await self._serve(parsed, exchange)

    async def _try_steps(self, steps: Sequence[Step], exchange: GatewayExchange) -> None:
        """Answer with the first step of a universal request that succeeds; `cf-aig-step` says which it was."""
        for number, step in enumerate(steps):
            exchange.begin(number)
            exchange.adapter = step.adapter
            try:
                await self._serve(step.read(), exchange)
                return
            except Error as error:
                if exchange.status or number == len(steps) - 1:
                    raise
                if exchange.call is not None:
                    status = step.adapter.error(error, exchange.context)[0]
                    await self._log(exchange, exchange.call, status)

    def _find_account(self, exchange: GatewayExchange) -> None:
        """Note the account; raises `Forbidden` and `NotFound`, on the gateway host `UnknownGateway`."""
        context = exchange.context
        account = context.path.get("account")
        if account is None:
            exchange.account = self._accounts.default_for(context.key)
            return
        try:
            self._accounts.check(account, context.key, exchange.scope["path"])
        except NotFound as error:
            if "gateway" in context.path:
                raise UnknownGateway(f"There is no account {account[:LONGEST]}.") from error
            raise
        exchange.account = account

    async def _serve(self, parsed: ParsedRequest, exchange: GatewayExchange) -> None:
        """Answer from the cache, or ask the service as often as the gateway allows."""
        assert isinstance(parsed, ParsedCloudflare | ParsedRelayed)
        gateways = await self._state.storage.gateways()
        call = exchange.call = self._call(parsed, exchange)
        settings = gateways.settings(call.gateway, call.options)
        exchange.added = _headers(call, exchange, settings)
        found = None if parsed.stream else await gateways.find(call)
        if found is None:
            most = await self._largest_cost(parsed, call) if gateways.budgeted(call) else 0.0
            exchange.holds = await gateways.admit(call, most)
        if found is not None:
            exchange.cached = True
            exchange.added.append((b"cf-aig-cache-status", b"HIT"))
            await exchange.respond(200, found.body, checkpoint_header(found.checkpoint))
        else:
            if settings.cache_ttl_s and not parsed.stream:
                exchange.added.append((b"cf-aig-cache-status", b"MISS"))
            await self._generate(parsed, exchange, settings)
        exchange.failed = False

    async def _generate(self, parsed: ParsedRequest, exchange: GatewayExchange, settings: GatewaySettings) -> None:
        pause = settings.retry_delay_s
        for attempt in range(1, settings.max_attempts + 1):
            try:
                generation = await self._service.answer(parsed.request)
                # The last attempt may take its time (docs/wire/cloudflare.md §6.6).
                last = attempt == settings.max_attempts and attempt > 1
                if settings.first_byte_timeout_s is not None and not last:
                    generation = with_first_byte_timeout(generation, settings.first_byte_timeout_s)
                exchange.generation = generation
                await respond(parsed, exchange, generation, self._state)
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

    def _call(self, parsed: ParsedCloudflare | ParsedRelayed, exchange: GatewayExchange) -> Call:
        passage = parsed.passage
        model = exchange.catalogue_model = self._service.catalogue.resolve(parsed.request.model)
        return Call(
            account=exchange.account,
            gateway=passage.gateway,
            path=exchange.scope["path"],
            model=model.name,
            body=passage.payload,
            mask=self._service.masks(parsed.request),
            form=passage.form,
            options=passage.options,
        )

    async def _largest_cost(self, parsed: ParsedRequest, call: Call) -> float:
        """Return the largest possible cost of a request in dollars: nothing of its prompt cached, all output used."""
        request = cast(Request, parsed.request)
        model = self._service.catalogue.resolve(request.model)
        prompt = await self._service.count(request)
        room = self._service.engine(model).info.context - prompt
        wanted = request.max_tokens or model.default_output or model.max_output
        return model.price.cost(Usage(prompt, max(1, min(wanted, room)) * request.n))

    async def _log(self, exchange: GatewayExchange, call: Call, status: int) -> None:
        """Settle the limits, write the log line, fill the cache. Failures are only logged: the answer is sent."""
        assert exchange.catalogue_model is not None
        gateways = await self._state.storage.gateways()
        usage, options = exchange.usage(status), call.options
        usage_since = exchange.catalogue_model.price.cost(usage)
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
            cost=usage_since if custom is None else custom.of(usage.prompt, usage.completion),
            custom_cost=custom is not None,
            metadata=options.metadata,
            step=exchange.step,
            event_id=options.event_id,
            request_size=len(call.body),
            request_content_type="application/json",
            response_size=exchange.size,
            response_content_type=exchange.type,
            request=self._loggable(call) if kept and len(call.body) <= LARGEST_LOGGED else None,
            response=self._redacted(body, exchange, call) if kept and stored_whole else None,
        )
        answer = None
        whole = not exchange.type.startswith("text/event-stream") and stored_whole
        if entry.success and whole and exchange.generation is not None and not exchange.cached:
            answer = Cached(body, exchange.type, exchange.generation.checkpoint)
        try:
            await gateways.finish(call, exchange.holds, usage_since, entry, answer)
        except Exception:
            log.exception("request %s is not in the gateway's log", exchange.request_id)

    def _loggable(self, call: Call) -> bytes:
        """Return a request as the log may keep it: where answers are masked, its texts are, too."""
        if not call.mask:
            return call.body
        return msgspec.json.encode(_each_text(msgspec.json.decode(call.body), self._service.masked))

    def _redacted(self, body: bytes, exchange: GatewayExchange, call: Call) -> bytes:
        """Return an answer as the log may keep it: what was hidden from the engine and put back is hidden again."""
        if not (call.mask and self._service.anonymizes_prompts):
            return body
        anonymizer = None if exchange.generation is None else exchange.generation.anonymizer

        def change(text: str) -> str:
            return self._service.masked(text if anonymizer is None else anonymizer.hidden(text))

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


def _headers(call: Call, exchange: GatewayExchange, settings: GatewaySettings) -> Headers:
    headers = [
        (b"cf-aig-request-id", exchange.log_id.encode()),
        (b"cf-aig-event-id", (call.options.event_id or exchange.log_id).encode()),
        (b"cf-aig-step", str(exchange.step).encode()),
    ]
    return [(b"cf-aig-log-id", exchange.log_id.encode()), *headers] if settings.collect_logs else headers
