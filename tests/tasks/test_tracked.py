"""Tasks that their caller answers itself, such as streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from maxserve.chat import EngineCrashed, InternalError, Overloaded
from maxserve.store.database import Database
from maxserve.tasks import Cancelled, Outcome, TaskConflict
from maxserve.tasks.tracked_task import TrackedTask
from maxserve.tasks.worker import Worker

from .works import START, Away, Clock, Gate, news, one, settings, webhook_bodies

HOOK = "https://hook.example/results"
STREAM = news("1", delivery="stream", webhook=HOOK)
OUTCOME = Outcome(results=(b'{"text":"Teal."}',))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def work(database: Database, clock: Clock) -> AsyncIterator[Worker]:
    made = Worker(database, settings(), {"gate": Gate()}, clock=clock)
    yield made
    await made.close(10)


class Caller:
    """Streams until it is told how to leave."""

    def __init__(self, work: Worker) -> None:
        self.inside = asyncio.Event()
        self.leave = asyncio.Event()
        self.how: Callable[[TrackedTask], None] = lambda tracked: None
        self.task = asyncio.create_task(self._stream(work))

    async def _stream(self, work: Worker) -> str:
        async with work.tracked(STREAM) as tracked:
            self.inside.set()
            await self.leave.wait()
            self.how(tracked)
        return "left"

    async def go(self, how: Callable[[TrackedTask], None]) -> str:
        await self.inside.wait()
        self.how = how
        self.leave.set()
        return await self.task


def _raise(error: BaseException) -> None:
    raise error


async def test_what_was_streamed_is_stored(work: Worker, clock: Clock, database: Database) -> None:
    async with work.tracked(STREAM) as tracked:
        begun = await one(work, "1")
        assert begun == tracked.task
        assert (begun.state, begun.direct, begun.lease_until) == ("running", True, START + 30)
        tracked.progress(30)
        assert (await one(work, "1")).progress == 30
        clock.now += 20
        await work._leases.renew()
        assert (await one(work, "1")).lease_until == START + 50
        tracked.done(OUTCOME)
        assert (await one(work, "1")).state == "running"
    done = await one(work, "1")
    assert (done.state, done.results) == ("succeeded", OUTCOME.results)
    assert await webhook_bodies(database) == 1
    with pytest.raises(TaskConflict):
        async with work.tracked(STREAM):
            pass


async def test_an_error_is_a_failure_and_reaches_the_caller(work: Worker, database: Database) -> None:
    with pytest.raises(EngineCrashed):
        await Caller(work).go(lambda tracked: _raise(EngineCrashed("It broke.")))
    failed = await one(work, "1")
    assert (failed.state, failed.error_code) == ("failed", "engine_crashed")
    assert await webhook_bodies(database) == 1
    assert await Caller(work).go(lambda tracked: tracked.done(OUTCOME)) == "left"  # asked for again


@pytest.mark.parametrize("error", [None, ConnectionResetError("gone")])
async def test_leaving_without_an_answer_cancels(work: Worker, error: Exception | None) -> None:
    caller = Caller(work)
    if error is None:
        await caller.go(lambda tracked: None)
    else:
        with pytest.raises(ConnectionResetError):
            await caller.go(lambda tracked: _raise(error))
    gone = await one(work, "1")
    assert (gone.state, gone.error_code) == ("cancelled", "cancelled")


async def test_a_caller_that_is_cancelled_cancels(work: Worker) -> None:
    caller = Caller(work)
    await caller.inside.wait()
    caller.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller.task
    gone = await work.finished("key", "1")
    assert gone is not None
    assert gone.state == "cancelled"


async def test_a_caller_that_goes_while_its_task_is_accepted_leaves_nothing_running(work: Worker) -> None:
    caller = Caller(work)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller.task
    await work._background_tasks.close(10)
    gone = await work.get("key", ["1"])
    assert not gone or gone["1"].state == "cancelled"
    assert work._leases.all() == []


async def _cancel(work: Worker, other: Worker) -> None:
    await work.cancel("key", "1")


async def _cancel_elsewhere(work: Worker, other: Worker) -> None:
    await other.cancel("key", "1")
    await work._leases.renew()


async def _lose(work: Worker, other: Worker) -> None:
    other._database._clock = lambda connection: START + 31
    await other.claims.poll()
    await work._leases.renew()


async def _close(work: Worker, other: Worker) -> None:
    await work.close(0)


@pytest.mark.parametrize(
    ("stop", "error", "state", "code"),
    [
        (_cancel, Cancelled, "cancelled", "cancelled"),
        (_cancel_elsewhere, Cancelled, "cancelled", "cancelled"),
        (_lose, InternalError, "failed", "engine_crashed"),
        (_close, Overloaded, "failed", "overloaded"),
    ],
)
async def test_one_that_is_stopped_from_outside_tells_its_caller(
    work: Worker,
    database: Database,
    clock: Clock,
    stop: Callable[[Worker, Worker], Awaitable[None]],
    error: type[Exception],
    state: str,
    code: str,
) -> None:
    other = Worker(database, settings(), {"gate": Gate()}, clock=clock)
    caller = Caller(work)
    await caller.inside.wait()
    await stop(work, other)
    with pytest.raises(error):
        await caller.task
    assert caller.task.cancelling() == 0
    ended = await one(other, "1")
    assert (ended.state, ended.error_code) == (state, code)
    assert await webhook_bodies(database) == 1
    await other.close(0)


async def test_a_caller_does_not_wait_long_for_a_database_that_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maxserve.tasks.worker.LEAVE_S", 0.01)
    away = Away(database)
    work = Worker(away, settings(), {"gate": Gate()})
    caller = Caller(work)
    await caller.inside.wait()
    away.away = True
    assert await caller.go(lambda tracked: tracked.done(OUTCOME)) == "left"
    away.away = False
    done = await work.finished("key", "1")
    assert done is not None
    assert done.state == "succeeded"
    await work.close(0)
