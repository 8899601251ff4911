"""Kills servers under tasks, again and again, and holds them to what they promised.

    async with Storm(folder, url, seed=1) as storm:
        for point in POINTS:
            await storm.round(point)
        await storm.settle()
    assert not storm.complaints

A round starts a server that kills itself at a named point (`maxserve.store.failpoints`), and asks it for tasks until it
does. At the point "stop" it is told to stop instead, and has little time to finish what it does; at "cut" PostgreSQL
drops all connections of all servers, again and again; at "stall" the server hangs for longer than its leases last,
and comes back. The next round's server, on the same database, has what was left to do. Clients behave as real ones:
they ask again with the same id where the connection broke, and poll all the time. What is promised:

- a task that was acknowledged has its row, and is finished within a lease of the last death and some slack
- it succeeds, or says why not; what a poll has shown once, every later poll shows the same
- every result is told to its webhook at least once; all tellings have one id and one body
- the engine works on a task once, and once more per takeover and failure that its row counts, and per stop; a
  stream once
- of no key more than its share is at work together
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from .job import Job
from .loopback import Cut, listening, post
from .parties import Model, Receiver
from .replica import Replica
from .verdict import Records, cut, judge_hooks, judge_rows, judge_runs, judge_stored, portions

POINTS = ("accepted", "claimed", "generating", "result", "delivering", "delivery", "delivered")
STOP, CUT, STALL = "stop", "cut", "stall"
LATER = "serviceUnavailable"
"""The code of an error after which clients ask again."""
PER_KEY = 6
CONCURRENCY = 4
SLACK_S = 30.0
"""What busy cores may add to a lease."""
MOST_JOBS = 12
"""How many tasks are under way at once, at most."""
POLL_S = 0.1


class Told(NamedTuple):
    """What an array was answered, by task: its items, and its errors."""

    data: dict[str, list[dict[str, Any]]]
    errors: dict[str, list[dict[str, Any]]]


class Storm:
    """Servers on one database, their clients, an engine and a webhook's receiver."""

    def __init__(
        self, folder: Path, url: str, *, seed: int, replicas: int = 1, lease_s: float = 1.0, demo: bool = False
    ) -> None:
        self.kills = 0
        self.stops = 0
        self.slowest_s = 0.0
        """The longest time from a death, or the last start, until everything acknowledged was finished."""
        self.jobs: dict[str, Job] = {}
        self._complaints: list[str] = []
        self._folder = folder
        self._url = url
        self._draw = random.Random(seed)
        self._lease_s = lease_s
        self._names = [f"replica{number}" for number in range(replicas)]
        self._demo = demo
        self._model = Model()
        self._receiver = Receiver(random.Random(seed))
        self._hooks = ""
        self._replicas: list[Replica] = []
        self._clients: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    @property
    def complaints(self) -> list[str]:
        """Every promise that was broken."""
        return self._complaints + [complaint for job in self.jobs.values() for complaint in job.complaints]

    @property
    def _waiting(self) -> list[Job]:
        """The tasks that are to end well and have not yet; of a stream nobody is promised that."""
        return [job for job in self.jobs.values() if not job.finished and job.delivery != "stream"]

    @property
    def summary(self) -> Counter[str]:
        """What was done, counted."""
        jobs = self.jobs.values()
        ids = [hook.id for hook in self._receiver.webhook_bodies]
        return Counter(
            {
                "kills": self.kills,
                "stops": self.stops,
                "tasks": len(jobs),
                "results": sum(len(job.public_payload or ()) for job in jobs),
                "streams cut": sum(job.failed is not None for job in jobs),
                "runs of the engine": sum(map(len, self._model.runs.values())),
                "webhooks": len(set(ids)),
                "webhooks told again": len(ids) - len(set(ids)),
            }
        )

    async def __aenter__(self) -> Self:
        model = await self._stack.enter_async_context(listening(self._model.handle))
        self._hooks = await self._stack.enter_async_context(listening(self._receiver.handle))
        for name in self._names:
            self._replicas.append(Replica(name, self._folder, self._config(name, model)))
        self._stack.push_async_callback(self._end)
        for replica in self._replicas[1:]:
            await replica.start()
        self._clients.add(asyncio.create_task(self._poll_on()))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def round(self, point: str, passage: int | None = None) -> None:
        """Start the first server so that it dies when it passes `point` for the `passage`th time, and make it do so."""
        victim = self._replicas[0]
        passage = passage or self._draw.randint(1, 3)
        loops = passage
        living = point in (STOP, CUT, STALL)
        await victim.start(None if living else f"{point}:{passage}")
        end = time.monotonic() + self._lease_s + SLACK_S
        while victim.running and time.monotonic() < end:
            for replica in self._replicas:
                if len(self._waiting) < MOST_JOBS:
                    self._ask(Job(self._draw, self._hooks), replica)
            await victim.died(POLL_S)
            if point == CUT:
                await asyncio.to_thread(cut, self._url)
            if living and (loops := loops - 1) == 0:
                break
        if point == STALL:
            while self._model.active(victim.name) < passage and time.monotonic() < end:
                self._ask(Job(self._draw, self._hooks), victim)
                await asyncio.sleep(0.01)
            await victim.stall(self._lease_s + 0.5)
            await self._finish()
        if living:
            await self._stop(victim)
        elif victim.running:
            self._complain(f"{point}:{passage} was not reached:\n{victim.tail()}")
            await victim.stop(signal.SIGKILL)
        elif victim.code != -signal.SIGKILL:
            self._complain(f"{victim.name} ended with {victim.code} before {point}:{passage}:\n{victim.tail()}")
        victim.url = None
        self.kills += not living
        self.stops += living
        acknowledged = [job.id for job in self.jobs.values() if job.acknowledged]
        judge_stored(self.jobs, acknowledged, await self._read())
        for replica in self._replicas[1:]:
            if not replica.running:
                self._complain(f"{replica.name}, which nobody killed, ended with {replica.code}:\n{replica.tail()}")
                return
        if len(self._replicas) > 1:
            await self._finish()

    async def settle(self) -> None:
        """Start the first server for good, wait until everything is finished, and look at all of it."""
        await self._replicas[0].start()
        await self._finish()
        for _ in range(int(SLACK_S / POLL_S)):
            if not (await self._read()).unfinished:
                break
            await asyncio.sleep(POLL_S)
        for replica in self._replicas:
            for ids in portions(list(self.jobs)):
                await self._poll(replica, ids)
        for replica in self._replicas:
            await self._stop(replica)
        records = await self._read()
        judge_stored(self.jobs, [job.id for job in self.jobs.values() if job.acknowledged], records)
        judge_rows(self.jobs, records)
        judge_hooks(self.jobs, self._receiver.webhook_bodies)
        if not self._demo:
            judge_runs(self.jobs, records, self._model, self.stops)
            together = self._model.together({job.id for job in self.jobs.values() if job.delivery == "async"})
            if together > PER_KEY:
                self._complain(f"{together} tasks of one key ran together, and {PER_KEY} may")

    def _config(self, name: str, model: str) -> str:
        engine = f"""
[engines.m2]
kind = "openai"
family = "m2"
url = "{model}/v1"
model = "storm"
key = "{name}"
parallel = 64
"""
        demo = '[engines.m2]\nkind = "embedded"\nmodel = "demo-m2"\ncontext = 2048\nthreads = 1\n'
        return f"""
[server]
drain_s = 0.05
[store]
url = "{self._url}"
[tasks]
lease_s = {self._lease_s}
poll_s = 0.1
retry_delay_s = 0.05
concurrency = {CONCURRENCY}
per_key = {PER_KEY}
max_takeovers = 1000
[webhooks]
attempts = 50
timeout_s = 1.0
{demo if self._demo else engine}"""

    async def _stop(self, replica: Replica) -> None:
        code = await replica.stop()
        if code != 0:
            self._complain(f"{replica.name} ended with {code} when asked to stop:\n{replica.tail()}")

    async def _end(self) -> None:
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        for replica in self._replicas:
            with suppress(AssertionError):
                await replica.stop(signal.SIGKILL)

    def _complain(self, what: str) -> None:
        self._complaints.append(what)

    # The clients

    def _ask(self, job: Job, replica: Replica) -> None:
        self.jobs[job.id] = job
        task = asyncio.create_task(self._submit(job, replica))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _submit(self, job: Job, replica: Replica | None) -> None:
        """Ask until somebody has said that the task is his; a stream is asked for once."""
        while not (job.acknowledged or job.finished):
            try:
                told = await self._post(replica, job.request(), job)
            except Cut:
                if job.delivery == "stream":
                    return
                replica = None
                continue
            errors = told.errors.get(job.id)
            if errors is None:
                job.acknowledged = True
                if job.delivery == "sync":
                    job.show(told.data[job.id])
            elif errors[0]["code"] == "conflictTaskUUID":
                job.acknowledged = True
            elif errors[0]["code"] == LATER:
                if job.delivery == "stream":
                    return
                replica = None
            else:
                job.complain(f"was refused: {errors[0]}")
                job.failed = errors[0]["code"]

    async def _post(self, replica: Replica | None, body: bytes, job: Job | None = None) -> Told:
        """Send an array to a server, to any that listens where None; raises `Cut`."""
        while replica is None or replica.url is None:
            await asyncio.sleep(0.02)
            replica = next((one for one in self._replicas if one.url), None)
        status, answer = await post(f"{replica.url}/v1", body)
        if job is not None and job.delivery == "stream" and status == 200:
            if not answer.endswith(b"data: [DONE]\n\n"):
                raise Cut("the stream has no end")
            return Told({job.id: []}, {})
        try:
            found = json.loads(answer)
            told = Told(defaultdict(list), defaultdict(list))
            for item in found.get("data", ()):
                told.data[item["taskUUID"]].append(item)
            for error in found.get("errors", ()):
                told.errors[error["taskUUID"]].append(error)
        except (ValueError, KeyError, TypeError):
            self._complain(f"status {status}, and {answer[:500]!r}")
            raise Cut("an answer in no known form") from None
        return told

    async def _poll_on(self) -> None:
        """Poll what is unfinished, and some of the rest, at every server in turn."""
        while True:
            await asyncio.sleep(POLL_S)
            asked = [job for job in self.jobs.values() if not job.finished]
            asked += self._draw.sample(list(self.jobs.values()), min(5, len(self.jobs)))
            for replica in self._replicas:
                for ids in portions(list({job.id for job in asked})):
                    with suppress(Cut):
                        await self._poll(replica, ids)

    async def _poll(self, replica: Replica, ids: list[str]) -> None:
        if replica.url is None:
            return
        # What is acknowledged or answered while the poll is under way may be news to it.
        asked = [(job, job.acknowledged, job.finished) for job in map(self.jobs.__getitem__, ids)]
        body = json.dumps([{"taskType": "getResponse", "taskUUID": task} for task in ids]).encode()
        told = await self._post(replica, body)
        for job, acknowledged, finished in asked:
            if job.id not in told.data and job.id not in told.errors:
                job.complain("is not in the answer to its poll")
            else:
                items, errors = told.data[job.id], told.errors[job.id]
                job.tell(items, errors, acknowledged=acknowledged, finished=finished)

    async def _finish(self) -> None:
        """Wait until everything acknowledged is finished, as long as that may take."""
        began = time.monotonic()
        while time.monotonic() < began + self._lease_s + SLACK_S:
            if not self._waiting:
                break
            await asyncio.sleep(0.02)
        else:
            for job in self._waiting:
                job.complain(f"is not finished {self._lease_s + SLACK_S:g} s later")
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    async def _read(self) -> Records:
        return await asyncio.to_thread(Records, self._url, list(self.jobs))


def sqlite(folder: Path) -> str:
    """Return the address of a SQLite file in `folder`."""
    return f"sqlite:///{folder / 'storm.db'}"
