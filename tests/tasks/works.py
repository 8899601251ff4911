"""Workers for tests: a clock that stands still, and a runner that ends tasks when told to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, func, select

from maxserve.chat import Error, Usage
from maxserve.store import StoreUnavailable
from maxserve.store.database import Database
from maxserve.tasks import Delivery, NewTask, Outcome, Progress, Task, TaskSettings
from maxserve.tasks.worker import Worker
from maxserve.webhooks.tables import DELIVERIES

T = TypeVar("T")

START = 1_795_000_000.0
NEVER = 3600.0
RESULTS = (b'{"text":"Teal."}', b'{"text":"Amber."}')


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Gate:
    """A runner whose tasks wait until they are let go; what was begun and how many ran at once is counted."""

    def __init__(self, *, open: bool = False) -> None:
        self.begun: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.faults: dict[str, list[BaseException]] = {}
        self.outcome = Outcome(results=RESULTS, usage=Usage(14, 9), cost=0.25, kept=b'"masked"')
        self._open = open
        self._gates: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Condition()
        self._progress: dict[str, Progress] = {}

    async def run(self, task: Task, progress: Progress) -> Outcome:
        async with self._changed:
            self.begun[task.id] += 1
            self.running[task.owner] += 1
            self.most[task.owner] = max(self.most[task.owner], self.running[task.owner])
            self._progress[task.id] = progress
            self._changed.notify_all()
        try:
            if not self._open:
                await self._gate(task.id).wait()
            if self.faults.get(task.id):
                raise self.faults[task.id].pop(0)
            return self.outcome
        except asyncio.CancelledError:
            self.cancelled.append(task.id)
            raise
        finally:
            self.running[task.owner] -= 1

    def failure(self, task: Task, error: Error) -> bytes:
        return msgspec.json.encode({"code": error.code, "message": error.message})

    def webhook_bodies(self, task: Task, results: tuple[bytes, ...], error: bytes | None) -> tuple[bytes, ...]:
        assert task.finished
        return results if error is None else (error,)

    def let(self, id: str) -> None:
        """Let a task go on."""
        self._gate(id).set()

    def open(self) -> None:
        """Let all go on, also those that come."""
        self._open = True
        for gate in self._gates.values():
            gate.set()

    def tell(self, id: str, percent: int) -> None:
        """Report progress of a task that runs."""
        self._progress[id](percent)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something has been begun."""
        async with self._changed:
            await self._changed.wait_for(condition)

    def _gate(self, id: str) -> asyncio.Event:
        return self._gates.setdefault(id, asyncio.Event())


class Away(Database):
    """A database that can be taken away; `lost` commits the next write and says that it failed."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.away = False
        self.lost = False
        self.refused = asyncio.Condition()
        self.refusals = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        if self.lost:
            self.lost = False
            await self.real.write(work)
            await self._refuse()
        return await self._through(self.real.write, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._through(self.real.read, work)

    async def close(self) -> None:
        await self.real.close()

    async def until_refused(self, times: int = 1) -> None:
        """Wait until it was wanted so often while it was away."""
        async with self.refused:
            wanted = self.refusals + times
            await self.refused.wait_for(lambda: self.refusals >= wanted)

    async def _through(
        self, road: Callable[[Callable[[Connection], T]], Awaitable[T]], work: Callable[[Connection], T]
    ) -> T:
        if self.away:
            await self._refuse()
        return await road(work)

    async def _refuse(self) -> None:
        async with self.refused:
            self.refusals += 1
            self.refused.notify_all()
        raise StoreUnavailable("It was taken away.")


def settings(**changes: float) -> TaskSettings:
    """Nothing is looked for by itself: tests say when."""
    return msgspec.convert({"poll_s": NEVER, "lease_s": 30.0} | changes, TaskSettings)


def news(
    id: str,
    *,
    owner: str = "key",
    delivery: Delivery = "async",
    webhook: str | None = None,
    session: str | None = None,
    kind: str = "gate",
) -> NewTask:
    return NewTask(
        owner=owner, id=id, kind=kind, delivery=delivery, payload=b'{"ask":1}', webhook=webhook, session=session
    )


async def die(work: Worker) -> None:
    """End a worker as the end of its process would: nothing more is written."""
    work._closing = True
    work.claims._closing = True
    jobs = {*work._background_tasks._background_tasks, *work.claims._loops, work._leases._ticking} - {None}
    for job in jobs:
        job.cancel()
    if jobs:
        await asyncio.wait(jobs)


async def stall(work: Worker) -> None:
    """Let a worker renew no more, as if its process stood still for a while."""
    await work._leases.close()


async def webhook_bodies(database: Database) -> int:
    """Return how many requests the outbox holds."""
    return await database.read(lambda c: c.execute(select(func.count()).select_from(DELIVERIES)).scalar_one())


async def one(work: Worker, id: str, owner: str = "key") -> Task:
    """Return a task that must be there."""
    return (await work.get(owner, [id]))[id]
