"""500 WebSocket sessions of Runware's API on one server process: what each takes, and how soon a pong comes.

First they stand idle; then each pings every few seconds while tasks go on in all of them: sync ones, and async ones
that are polled. The engine is synthetic and answers at once, so that all time is the server's, its database's and the
clients'; then the demo checkpoint has its turn. The clients are one process on another core. `python -m bench.sockets
[--quick]`; under three minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator

import uvloop

from maxserve.bench.quantile import quantile

from . import stand
from .budget import figure
from .native import upstream
from .page import Page, quiet
from .process import LOAD_CORES, SERVER_CORES, memory, pinned
from .runware import PATIENCE_S, Refused, Session, inference, poll, task_id
from .stand import Subject

SESSIONS = 500
PING_S = (2.0, 4.0)
"""Every session pings after a pause between these."""
POLL_S = 0.25
TOKENS = 24

TASKS = """
[tasks]
concurrency = 64
per_key = 64
max_queued = 100000
"""
"""One key asks for everything here, and the engine is instant: the queue is to be as wide as the service."""

DEMO = """
[engines.m2]
kind = "embedded"
model = "demo-m2"
parallel = 4
context = 2048
threads = 1
"""


class Seen:
    """What the clients saw."""

    def __init__(self) -> None:
        self.pongs: list[float] = []
        self.done: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()
        self.lag_s = 0.0
        """The longest that the clients' own loop kept anything waiting."""
        self.seconds = self.server_cpu = self.own_cpu = 0.0


async def idle(subject: Subject, sessions: int) -> float:
    """Return the kilobytes (1,000 bytes) that the server's process grows by with each idle session."""
    async with opened(subject.port, 20) as first:
        # What is loaded or opened once is no session's.
        for session in first:
            await session.ask(inference(task_id(), "sync", TOKENS))
            await session.ping()
    await asyncio.sleep(1)
    before = memory(subject.process.pid)
    async with opened(subject.port, sessions) as standing:
        for session in standing:
            await session.ping()
        await asyncio.sleep(1)
        return (memory(subject.process.pid) - before) / sessions / 1000


async def mixed(subject: Subject, sessions: int, seconds: float, pause_s: float, tokens: int = TOKENS) -> Seen:
    """Ping and ask from all sessions at once; each waits `pause_s` on average between two tasks."""
    seen = Seen()
    async with opened(subject.port, sessions) as all_sessions:
        began, server, own = time.monotonic(), subject.process.cpu(), time.process_time()
        end = began + seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(lag(seen, end))
            for number, session in enumerate(all_sessions):
                group.create_task(ping_on(session, seen, end, random.Random(number)))
                group.create_task(ask_on(session, seen, end, random.Random(-number - 1), pause_s, tokens))
        seen.seconds = time.monotonic() - began
        seen.server_cpu, seen.own_cpu = subject.process.cpu() - server, time.process_time() - own
    return seen


@contextlib.asynccontextmanager
async def opened(port: int, count: int) -> AsyncIterator[list[Session]]:
    """Open sessions, some at a time, while the block runs."""
    sessions: list[Session] = []
    try:
        while len(sessions) < count:
            sessions += await asyncio.gather(*(Session.open(port) for _ in range(min(50, count - len(sessions)))))
        yield sessions
    finally:
        for session in sessions:
            session.close()


async def ping_on(session: Session, seen: Seen, end: float, draw: random.Random) -> None:
    """Ping until the end."""
    while True:
        pause = draw.uniform(*PING_S)
        if time.monotonic() + pause > end:
            return
        await asyncio.sleep(pause)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await session.ping()
        except (Refused, TimeoutError) as error:
            seen.errors[f"ping: {error}"] += 1
            return
        seen.pongs.append(time.perf_counter() - began)


async def ask_on(session: Session, seen: Seen, end: float, draw: random.Random, pause_s: float, tokens: int) -> None:
    """Ask for tasks until the end, half of them async."""
    await asyncio.sleep(draw.uniform(0, pause_s))
    while time.monotonic() < end:
        began = time.perf_counter()
        kind = draw.choice(("sync", "async"))
        try:
            async with asyncio.timeout(PATIENCE_S):
                task = task_id()
                item = await session.ask(inference(task, kind, tokens))
                while kind == "async" and item.get("status") != "success":
                    await asyncio.sleep(POLL_S)
                    item = await session.ask(poll(task))
                if not item.get("text"):
                    seen.errors[f"{kind}: {item}"] += 1
        except (Refused, TimeoutError) as error:
            seen.errors[f"{kind}: {error}"] += 1
            if not session.open_:
                return
        seen.done[kind] += 1
        seen.latencies.append(time.perf_counter() - began)
        pause = draw.uniform(0, 2 * pause_s)
        if time.monotonic() + pause > end:
            return
        await asyncio.sleep(pause)


async def lag(seen: Seen, end: float) -> None:
    """Notice where the clients' own loop is late."""
    while time.monotonic() < end:
        before = time.perf_counter()
        await asyncio.sleep(0.05)
        seen.lag_s = max(seen.lag_s, time.perf_counter() - before - 0.05)


def row(name: str, seen: Seen) -> list[str]:
    """Return a line of the table."""
    pongs, tasks = sorted(seen.pongs), sorted(seen.latencies)
    return [
        name,
        figure(sum(seen.done.values()) / seen.seconds),
        f"{seen.done['sync']:,} + {seen.done['async']:,}",
        *(figure(1000 * quantile(tasks, share)) for share in (0.5, 0.99)),
        f"{len(pongs):,}",
        *(figure(1000 * quantile(pongs, share)) for share in (0.5, 0.99, 1.0)),
        str(sum(seen.errors.values())),
        f"{100 * seen.server_cpu / seen.seconds:.0f} %",
        f"{100 * seen.own_cpu / seen.seconds:.0f} %",
        figure(1000 * seen.lag_s),
    ]


HEAD = [
    "load", "tasks/s", "sync + async", "task p50 ms", "p99", "pongs", "pong p50 ms", "p99", "slowest", "errors",
    "server's core", "client's core", "client late ms",
]  # fmt: skip


def loads(page: Page, subject: Subject, sessions: int, levels: list[tuple[str, float, float, int]]) -> list[Seen]:
    """Run each load (name, seconds, pause, tokens) and write the table."""
    rows, found = [], []
    for name, seconds, pause_s, tokens in levels:
        seen = uvloop.run(mixed(subject, sessions, seconds, pause_s, tokens))
        rows.append(row(name, seen))
        found.append(seen)
    page.rows(HEAD, rows)
    for name, seen in zip((level[0] for level in levels), found, strict=True):
        for what, count in seen.errors.most_common(5):
            page.say(f"- {name}, {count} times: {what[:300]}")
    return found


def files(sessions: int) -> str:
    """Raise the limit of open files where it is too low for as many sessions; return a sentence about it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * sessions + 256
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))
        return f"The limit of open files was raised from {soft:,} to {min(needed, hard):,} (`ulimit -n`)."
    return f"The limit of open files was {soft:,} (`ulimit -n`)."


def main() -> None:
    """Run every part and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="50 sessions for a moment, and nothing is written")
    args = parser.parse_args()
    quiet()
    sessions, seconds = (50, 3.0) if args.quick else (SESSIONS, 25.0)
    page = Page("sockets", "WebSocket sessions", "python -m bench.sockets", keep=not args.quick)
    page.say(
        f"{sessions} sessions on one server process, each pinging every {PING_S[0]:g} to {PING_S[1]:g} s; half of",
        f"the tasks are sync, half async and polled every {POLL_S:g} s. SQLite; every task is stored before it begins.",
        files(sessions),
        "",
    )
    with pinned(LOAD_CORES):
        with upstream() as engine, stand.maxserve(stand.relay_config(engine.port) + TASKS) as subject:
            each = uvloop.run(idle(subject, sessions))
            page.say(f"An idle session takes {each:.1f} kB of the server's process.")
            page.measure("session_memory", each)
            page.say("", "### An engine that answers at once")
            found = loads(
                page,
                subject,
                sessions,
                [("a task every 5 s in each", seconds, 5.0, TOKENS), ("one after the other", seconds, 0.0, TOKENS)],
            )
        page.measure("slowest_pong", max(max(seen.pongs) for seen in found))
        page.measure("socket_errors", sum(sum(seen.errors.values()) for seen in found))
        page.say("", "### The demo checkpoint, on the server's core and the clients'")
        with stand.maxserve(DEMO + TASKS, "--without", "m3", cores=SERVER_CORES | LOAD_CORES) as subject:
            loads(page, subject, sessions, [("a task every 30 s in each", seconds, 30.0, 8)])
    page.save()


if __name__ == "__main__":
    main()
