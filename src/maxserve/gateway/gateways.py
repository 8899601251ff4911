"""All gateways of a server, over one database."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection

from ..chat import RateLimited, SpendLimited
from ..store.database import Database
from .cache import cache_key, keep, look_up, touch
from .log import trim, write
from .options import Options
from .record import PROVIDER, Cached, Call, Entry, Hold
from .settings import DEFAULT, GatewaySettings, SpendLimit
from .window import Exceeded, Window, settle, sweep, take

NANO = 1_000_000_000
"""Budgets are counted in billionths of a dollar, so that adding up is exact."""

_TIDY_EVERY = 500
_OWNERS = 10_000
"""Whose requests are counted until the counting begins anew: gateways are named by those who call."""
_LONGEST = 256


class Gateways:
    """Limits, cache and log of every gateway; `room` is how many bytes all cached answers may take together."""

    def __init__(
        self,
        database: Database,
        settings: Mapping[str, GatewaySettings],
        *,
        room: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._settings = settings
        self._default = settings.get(DEFAULT, GatewaySettings())
        self._room = room
        self._clock = clock
        self._finished: Counter[tuple[str, str]] = Counter()
        self._fresh: dict[str, Cached] = {}  # on their way into the database
        self._writing: set[asyncio.Future[None]] = set()

    @property
    def database(self) -> Database:
        """Where everything is kept."""
        return self._database

    def settings(self, gateway: str, options: Options) -> GatewaySettings:
        """Return what holds for a request: its own options over the gateway's settings."""
        return options.over(self._settings.get(gateway, self._default))

    async def find(self, call: Call) -> Cached | None:
        """Return a cached answer to the same request, None where there is none or none is wanted."""
        if call.options.skip_cache or not self.settings(call.gateway, call.options).cache_ttl_s:
            return None
        key = _key(call)
        if (fresh := self._fresh.get(key)) is not None:
            return fresh
        now = self._clock()
        return await self._database.read(lambda connection: look_up(connection, key, now))

    def budgeted(self, call: Call) -> bool:
        """Whether a budget must know what the request can cost at most."""
        rules = self.settings(call.gateway, call.options).spend_limits
        return any(rule.reserve == "most" and _concerns(rule, call) for rule in rules)

    async def admit(self, call: Call, most: float) -> list[Hold]:
        """Count the request against the limits, all of them or none; `most` is what it can cost at most, in US dollars.

        What is returned must be given to `finish`. Raises `RateLimited` and `SpendLimited`, with the time to wait.
        """
        settings = self.settings(call.gateway, call.options)
        rules = [rule for rule in settings.spend_limits if _concerns(rule, call)]
        if settings.rate_limit is None and not rules:
            return []
        now = self._clock()

        def work(connection: Connection) -> list[Hold]:
            if settings.rate_limit is not None:
                window = Window(settings.rate_limit, settings.rate_interval_s, settings.rate_technique)
                take(connection, _scope("rate", call), window, now)
            holds = []
            for rule in rules:
                # At least one unit, so that a budget that is wholly spent refuses even what holds nothing.
                held = max(1, round(most * NANO)) if rule.reserve == "most" else 1
                budget = Window(round(rule.limit * NANO), rule.window_s, rule.technique)
                holds.append(take(connection, _scope(f"spend {rule.id}", call, rule.per), budget, now, held, hold=True))
            return holds

        writing = asyncio.ensure_future(self._database.write(work))
        try:
            return await asyncio.shield(writing)
        except Exceeded as error:
            raise _refusal(error, settings, rules, call) from error
        except asyncio.CancelledError:
            # The write is made all the same, and nobody would ever settle what it holds.
            writing.add_done_callback(self._let_go)
            raise

    async def finish(
        self, call: Call, holds: list[Hold], spent: float, entry: Entry, answer: Cached | None = None
    ) -> None:
        """Settle the budgets with what the request really cost, write its line and keep its answer, in one commit.

        `spent` is in US dollars; the entry's cost may be another, a caller's own. `answer` None keeps nothing: it was
        itself cached, a stream, or an error.
        """
        settings = self.settings(call.gateway, call.options)
        now = self._clock()
        amount = round(spent * NANO)
        owner = (call.account, call.gateway)
        if len(self._finished) > _OWNERS:
            self._finished.clear()
        self._finished[owner] += 1
        # A gateway is tidied at its first request of this process, too: it may have few in each one's life.
        tidy = self._finished[owner] % _TIDY_EVERY == 1

        def work(connection: Connection) -> None:
            if answer is not None and settings.cache_ttl_s:
                whose = {"account": call.account, "gateway": call.gateway}
                keep(connection, _key(call), answer, **whose, now=now, ttl=settings.cache_ttl_s, room=self._room)
            if settings.collect_logs:
                bare = msgspec.structs.replace(entry, request=None, response=None)
                write(connection, entry if settings.log_payload else bare)
            if tidy:
                trim(connection, call.account, call.gateway, settings.max_logs)
                sweep(connection, now)
            if entry.cached:
                touch(connection, _key(call), now)
            for hold in holds:  # last, as nobody else can be admitted from here to the commit
                settle(connection, hold, amount)

        key = _key(call) if answer is not None and settings.cache_ttl_s else None
        if key is not None and answer is not None:
            self._fresh[key] = answer

        def written(writing: asyncio.Future[None]) -> None:
            self._writing.discard(writing)
            if key is not None:
                self._fresh.pop(key, None)

        writing = asyncio.ensure_future(self._database.write(work))
        self._writing.add(writing)
        writing.add_done_callback(written)
        await asyncio.shield(writing)

    def _let_go(self, admitted: asyncio.Future[list[Hold]]) -> None:
        """Settle what was taken for a request that has gone with nothing."""
        if admitted.cancelled() or admitted.exception() is not None or not admitted.result():
            return

        def work(connection: Connection) -> None:
            for hold in admitted.result():
                settle(connection, hold, 0)

        writing = asyncio.ensure_future(self._database.write(work))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def settled(self) -> None:
        """Wait for what is being written: whoever reads the log sees every request that was answered before."""
        if self._writing:
            await asyncio.wait(self._writing)


def _concerns(rule: SpendLimit, call: Call) -> bool:
    metadata = call.options.metadata
    return (not rule.models or call.model in rule.models) and all(
        _text(metadata.get(name)) == value for name, value in rule.metadata.items()
    )


def _scope(kind: str, call: Call, per: tuple[str, ...] = ()) -> str:
    """Name what is counted together: JSON keeps a value from passing for two, a digest keeps a long name short."""
    parts = [kind, call.account, call.gateway, *(call.options.metadata.get(name) for name in per)]
    name = msgspec.json.encode(parts)
    return name.decode() if len(name) <= _LONGEST else f"sha256:{hashlib.sha256(name).hexdigest()}"


def _key(call: Call) -> str:
    return cache_key(
        account=call.account,
        gateway=call.gateway,
        path=call.path,
        model=call.model,
        mask=call.mask,
        body=call.body,
        form=call.form,
        override=call.options.cache_key,
    )


def _refusal(error: Exceeded, settings: GatewaySettings, rules: list[SpendLimit], call: Call) -> RateLimited:
    for rule in rules:
        if error.scope == _scope(f"spend {rule.id}", call, rule.per):
            text = f"rule '{rule.id}' (cost limit {rule.limit:g} per {rule.window_s:g}s, {rule.technique})"
            return SpendLimited(
                f"Spend limit exceeded: {text} for {PROVIDER} {call.model}",
                rule=rule.id,
                retry_after=error.retry_after,
            )
    allowed = f"{settings.rate_limit} requests per {settings.rate_interval_s:g} s ({settings.rate_technique})"
    return RateLimited(f"Rate limited: this gateway lets in {allowed}.", retry_after=error.retry_after)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
