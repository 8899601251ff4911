"""Several workers on one database: nothing runs twice while leases hold, and nothing stays behind when they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from maxserve.store.database import Database
from maxserve.store.open import open_database
from maxserve.tasks import TaskSettings
from maxserve.tasks.worker import Worker
from tests.support.tables import TABLES

from .works import RESULTS, Clock, Gate, die, news, one, settings, stall, webhook_bodies

HOOK = "https://hook.example/results"
Make = Callable[..., Worker]


@pytest.fixture
async def other_database(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """The same one, opened by another process."""
    opened = open_database(database_url, tmp_path, TABLES, ())
    yield opened
    await opened.close()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def make(database: Database, other_database: Database, gate: Gate, clock: Clock) -> AsyncIterator[Make]:
    """Makes workers, each on the other database than the one before."""
    made: list[Worker] = []
    databases = _turns(database, other_database)

    def factory(how: TaskSettings | None = None, *, kind: str = "gate") -> Worker:
        made.append(Worker(next(databases), how or settings(), {kind: gate}, clock=clock))
        return made[-1]

    yield factory
    gate.open()
    for work in made:
        await work.close(5)


def _turns(*databases: Database) -> Iterator[Database]:
    while True:
        yield from databases


async def recover(work: Worker) -> None:
    """Look for what others have left, as every poll does, and claim it."""
    await work.claims.poll()
    await work.claims.claim()


async def test_two_share_a_queue_and_never_pass_the_limit_of_a_key(
    database: Database, other_database: Database
) -> None:
    gate = Gate()
    works = [
        Worker(each, settings(concurrency=5, per_key=3, poll_s=0.02), {"gate": gate})
        for each in (database, other_database)
    ]
    for work in works:
        work.start()
    names = [str(i) for i in range(40)]
    await works[0].submit([news(name) for name in names[:20]])
    await works[1].submit([news(name) for name in names[20:]])
    going: list[str] = []
    while len(going) < len(names):
        most = min(len(names), len(going) + 3)
        await gate.until(lambda: gate.begun.total() >= most)  # noqa: B023
        going.append(next(name for name in gate.begun if name not in going))
        gate.let(going[-1])
    ends = await asyncio.gather(*(works[int(name) % 2].finished("key", name) for name in names))
    assert {end.state for end in ends if end} == {"succeeded"}
    assert set(gate.begun.values()) == {1}
    assert gate.most["key"] == 3
    for work in works:
        await work.close(0)


async def test_what_a_dead_process_ran_is_run_by_another_once_its_lease_has_ended(
    make: Make, gate: Gate, clock: Clock, database: Database
) -> None:
    dead, alive = make(), make()
    await dead.submit([news("1", webhook=HOOK)])
    await recover(dead)
    await gate.until(lambda: gate.begun["1"] == 1)
    await die(dead)
    clock.now += 29.9
    await recover(alive)
    assert (gate.begun["1"], (await one(alive, "1")).state) == (1, "running")
    clock.now += 0.1
    await recover(alive)
    gate.open()
    done = await alive.finished("key", "1")
    assert done is not None
    assert (done.state, done.takeovers, done.attempts, gate.begun["1"]) == ("succeeded", 1, 1, 2)
    assert await webhook_bodies(database) == 2


async def test_a_sync_task_of_a_dead_process_goes_on_too(make: Make, gate: Gate, clock: Clock) -> None:
    dead, alive = make(), make()
    caller = asyncio.create_task(dead.perform(news("1", delivery="sync", session="s")))
    await gate.until(lambda: gate.begun["1"] == 1)
    await die(dead)
    with pytest.raises(asyncio.CancelledError):
        await caller
    clock.now += 30
    await recover(alive)
    gate.open()
    done = await alive.finished("key", "1")
    assert done is not None
    assert (done.state, done.direct, done.takeovers) == ("succeeded", False, 1)
    assert [task.id for task in await alive.undelivered("key", "s", 0)] == ["1"]


async def test_a_stream_of_a_dead_process_has_failed_and_may_be_asked_for_again(
    make: Make, gate: Gate, clock: Clock, database: Database
) -> None:
    dead, alive = make(), make()
    entered = asyncio.Event()

    async def stream() -> None:
        async with dead.tracked(news("1", delivery="stream", webhook=HOOK)):
            entered.set()
            await asyncio.Event().wait()

    streaming = asyncio.create_task(stream())
    await entered.wait()
    await stall(dead)
    clock.now += 30
    await recover(alive)
    failed = await one(alive, "1")
    assert (failed.state, failed.error_code, gate.begun["1"]) == ("failed", "engine_crashed", 0)
    assert await webhook_bodies(database) == 1
    gate.open()
    assert (await alive.perform(news("1", delivery="sync"))).state == "succeeded"
    streaming.cancel()
    await asyncio.wait({streaming})
    assert (await one(alive, "1")).results == RESULTS  # the late end of the stream changes nothing
    assert await webhook_bodies(database) == 1


async def test_the_late_one_is_not_heard_any_more(make: Make, gate: Gate, clock: Clock, database: Database) -> None:
    late, other = make(settings(poll_s=0.02)), make()
    caller = asyncio.create_task(late.perform(news("direct", delivery="sync", webhook=HOOK)))
    await late.submit([news("queued", webhook=HOOK)])
    await recover(late)
    await gate.until(lambda: gate.begun.total() == 2)
    await stall(late)
    clock.now += 31
    await recover(other)
    await gate.until(lambda: gate.begun.total() == 4)
    gate.outcome = gate.outcome.__class__(results=(b'"of the other"',))
    gate.open()  # all four runs end, in whatever order
    done = await caller
    await late._background_tasks.close(10)
    await other._background_tasks.close(10)
    for name in ("direct", "queued"):
        assert (await one(other, name)).state == "succeeded"
        assert (await one(other, name)).takeovers == 1
    assert done == await one(other, "direct")  # whoever waits is told what is stored
    assert await webhook_bodies(database) == 2


async def test_one_that_has_lost_its_task_stops_when_it_notices(make: Make, gate: Gate, clock: Clock) -> None:
    late, other = make(), make()
    await late.submit([news("1")])
    await recover(late)
    await gate.until(lambda: gate.begun["1"] == 1)
    await stall(late)
    clock.now += 31
    await recover(other)
    await gate.until(lambda: gate.begun["1"] == 2)
    await late._leases.renew()
    await late._background_tasks.close(10)
    assert gate.cancelled == ["1"]
    assert ((await one(other, "1")).state, other._leases.get(("key", "1")) is None) == ("running", False)
    gate.open()
    assert await other.finished("key", "1")


async def test_one_whose_renewal_is_late_does_not_take_from_itself(make: Make, gate: Gate, clock: Clock) -> None:
    work = make()
    await work.submit([news("1")])
    await recover(work)
    await gate.until(lambda: gate.begun["1"] == 1)
    clock.now += 31
    await recover(work)
    assert ((await one(work, "1")).takeovers, gate.begun["1"]) == (0, 1)


async def test_one_that_gets_its_own_task_back_begins_it_anew(
    make: Make, gate: Gate, clock: Clock, database: Database
) -> None:
    late, other = make(), make(settings(concurrency=1))
    await late.submit([news("1", webhook=HOOK)])
    await recover(late)
    await gate.until(lambda: gate.begun["1"] == 1)
    await stall(late)
    clock.now += 31
    await other.claims.poll()  # puts it back into the queue, and has not claimed it yet
    await recover(late)
    await gate.until(lambda: gate.begun["1"] == 2)
    assert gate.cancelled == ["1"]
    gate.open()
    done = await late.finished("key", "1")
    assert done is not None
    assert (done.takeovers, await webhook_bodies(database)) == (1, 2)


async def test_a_task_that_ends_every_process_is_given_up(
    make: Make, gate: Gate, clock: Clock, database: Database
) -> None:
    for time in range(4):
        work = make(settings(max_takeovers=2))
        if not time:
            await work.submit([news("1", webhook=HOOK)])
        await recover(work)
        if time < 3:
            await gate.until(lambda: gate.begun["1"] == time + 1)  # noqa: B023
            await die(work)
            clock.now += 31
    given_up = await one(work, "1")
    assert (given_up.state, given_up.error_code, given_up.takeovers, gate.begun["1"]) == (
        "failed",
        "engine_crashed",
        2,
        3,
    )
    assert await webhook_bodies(database) == 1


async def test_what_was_cancelled_is_not_taken_over(make: Make, gate: Gate, clock: Clock) -> None:
    dead, alive = make(), make()
    await dead.submit([news("1")])
    await recover(dead)
    await gate.until(lambda: gate.begun["1"] == 1)
    await die(dead)
    assert await alive.cancel("key", "1")
    clock.now += 31
    await recover(alive)
    assert ((await one(alive, "1")).state, gate.begun["1"]) == ("cancelled", 1)


async def test_nobody_takes_what_they_do_not_know(make: Make, gate: Gate, clock: Clock) -> None:
    dead, stranger = make(), make(kind="other")
    await dead.submit([news("1"), news("2")])
    dead.claims._settings = settings(concurrency=1)
    await recover(dead)
    await gate.until(lambda: gate.begun["1"] == 1)
    await die(dead)
    clock.now += 31
    await recover(stranger)
    assert [(await one(stranger, name)).state for name in "12"] == ["running", "queued"]


async def test_a_claim_whose_answer_was_lost_is_taken_over(make: Make, gate: Gate, clock: Clock) -> None:
    work = make()
    await work.submit([news("1")])
    real = work.claims._leases.add
    work.claims._leases.add = lambda run: (_ for _ in ()).throw(MemoryError())  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        await work.claims.claim()
    work.claims._leases.add = real  # type: ignore[method-assign]
    clock.now += 31
    await recover(work)
    gate.open()
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.takeovers) == ("succeeded", 1)
