"""One worker: what it tells its callers, and what is in the database by then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from maxserve.chat import (
    EngineCrashed,
    EngineTimeout,
    Forbidden,
    InternalError,
    InvalidRequest,
    ModerationUnavailable,
    Overloaded,
    RateLimited,
)
from maxserve.store.database import Database
from maxserve.tasks import Cancelled, Outcome, Progress, Task, TaskConflict
from maxserve.tasks.admin_queries import Wanted
from maxserve.tasks.worker import Worker

from .works import RESULTS, START, Away, Clock, Gate, news, one, settings, webhook_bodies

HOOK = "https://hook.example/results"


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def work(database: Database, gate: Gate, clock: Clock) -> AsyncIterator[Worker]:
    made = Worker(database, settings(), {"gate": gate}, clock=clock)
    made.start()
    yield made
    gate.open()
    await made.close(10)


async def test_an_accepted_task_is_run_and_its_end_is_there_for_all(
    work: Worker, gate: Gate, clock: Clock, database: Database
) -> None:
    assert await work.submit([news("1", webhook=HOOK)]) == [None]
    await gate.until(lambda: gate.begun["1"] == 1)
    assert (await one(work, "1")).state == "running"
    clock.now += 5
    gate.let("1")
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.results, done.payload) == ("succeeded", RESULTS, b'"masked"')
    assert (done.prompt_tokens, done.completion_tokens, done.cost) == (14, 9, 0.25)
    assert (done.created_at, done.started_at, done.finished_at) == (START, START, START + 5)
    assert await webhook_bodies(database) == 2


async def test_hooks_are_announced_once_they_are_stored(database: Database) -> None:
    told = asyncio.Event()
    work = Worker(database, settings(), {"gate": Gate(open=True)}, on_deliveries=told.set)
    await work.perform(news("plain", delivery="sync"))
    assert not told.is_set()
    await work.perform(news("hooked", delivery="sync", webhook=HOOK))
    assert told.is_set()
    assert await webhook_bodies(database) == 2
    await work.close(0)


async def test_no_more_run_than_may_and_one_that_ends_makes_room(database: Database) -> None:
    gate = Gate()
    work = Worker(database, settings(concurrency=3, per_key=2), {"gate": gate})
    work.start()
    work.start()
    try:
        await work.submit([news(f"{owner}{i}", owner=owner) for owner in "ab" for i in range(4)])
        await gate.until(lambda: gate.begun.total() == 3)
        assert sorted(gate.begun) == ["a0", "a1", "b0"]
        gate.let("b0")
        await gate.until(lambda: gate.begun.total() == 4)
        assert "b1" in gate.begun
        gate.let("a0")
        await gate.until(lambda: gate.begun.total() == 5)
        gate.open()
        ends = await asyncio.gather(*(work.finished(owner, f"{owner}{i}") for owner in "ab" for i in range(4)))
        assert {end.state for end in ends if end} == {"succeeded"}
        assert set(gate.begun.values()) == {1}
        assert max(gate.most.values()) == 2
    finally:
        await work.close(0)


async def test_direct_tasks_pass_by_a_queue_that_is_full(database: Database) -> None:
    gate = Gate()
    work = Worker(database, settings(concurrency=1), {"gate": gate})
    work.start()
    await work.submit([news("queued")])
    await gate.until(lambda: gate.begun["queued"] == 1)
    waiting = asyncio.create_task(work.perform(news("direct", delivery="sync", webhook=HOOK)))
    await gate.until(lambda: gate.begun["direct"] == 1)
    with pytest.raises(TaskConflict):
        await work.perform(news("direct", delivery="sync"))
    gate.open()
    done = await waiting
    assert done == await one(work, "direct")
    assert (done.state, done.results, done.direct, done.attempts) == ("succeeded", RESULTS, True, 1)
    await work.close(10)


async def test_a_caller_that_goes_leaves_its_task_running(work: Worker, gate: Gate) -> None:
    caller = asyncio.create_task(work.perform(news("1", delivery="sync", session="s")))
    await gate.until(lambda: gate.begun["1"] == 1)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [task.state for task in await work.undelivered("key", "s", START)] == ["running"]
    gate.let("1")
    assert (done := await work.finished("key", "1"))
    assert done.state == "succeeded"
    assert [task.id for task in await work.undelivered("key", "s", START)] == ["1"]
    await work.delivered("key", ["1"])
    assert await work.undelivered("key", "s", START) == []


async def test_a_caller_that_goes_at_once_has_still_asked(work: Worker, gate: Gate) -> None:
    caller = asyncio.create_task(work.perform(news("1", delivery="sync")))
    await asyncio.sleep(0)
    caller.cancel()
    await gate.until(lambda: gate.begun["1"] == 1)
    gate.let("1")
    assert await work.finished("key", "1")


async def test_a_caller_may_bring_its_own_way_to_run(work: Worker, gate: Gate) -> None:
    async def own(task: Task, progress: Progress) -> Outcome:
        progress(100)
        return Outcome(results=(task.payload,))

    done = await work.perform(news("1", delivery="sync"), own)
    assert (done.results, gate.begun.total()) == ((b'{"ask":1}',), 0)


async def test_progress_is_seen_here_at_once_and_elsewhere_with_the_next_renewal(
    work: Worker, gate: Gate, clock: Clock, database: Database
) -> None:
    other = Worker(database, settings(), {}, clock=clock)
    await work.submit([news("1")])
    await gate.until(lambda: gate.begun["1"] == 1)
    gate.tell("1", 40)
    assert [(await one(each, "1")).progress for each in (work, other)] == [40, None]
    clock.now += 10
    await work._leases.renew()
    seen = await one(other, "1")
    assert (seen.progress, seen.lease_until) == (40, START + 40)
    await other.close(0)


@pytest.mark.parametrize("error", [EngineCrashed("x"), EngineTimeout("x"), ModerationUnavailable("x")])
async def test_a_failure_of_the_engine_is_tried_again_and_then_it_is_one(
    work: Worker, gate: Gate, clock: Clock, error: Exception
) -> None:
    gate.open()
    gate.faults = {"well": [error, error], "ill": [error] * 9}
    await work.submit([news("well"), news("ill", webhook=HOOK)])
    for attempt, pause in ((1, 1.0), (2, 2.0)):
        await gate.until(lambda: gate.begun["well"] == gate.begun["ill"] == attempt)  # noqa: B023
        await work._background_tasks.close(10)
        waiting = await one(work, "well")
        assert (waiting.state, waiting.attempts, waiting.not_before) == ("queued", attempt, clock.now + pause)
        clock.now += pause
        work.claims.wake()
    well, ill = await work.finished("key", "well"), await work.finished("key", "ill")
    assert well
    assert ill
    assert (well.state, well.attempts) == ("succeeded", 3)
    assert (ill.state, ill.attempts, ill.error_code) == ("failed", 3, error.code)
    assert ill.error is not None
    assert error.code.encode() in ill.error


async def test_what_the_client_can_mend_fails_at_once(work: Worker, gate: Gate, database: Database) -> None:
    gate.open()
    gate.faults = {"bad": [InvalidRequest("no")], "much": [RateLimited("no")], "direct": [EngineCrashed("no")]}
    await work.submit([news("bad", webhook=HOOK), news("much")])
    ends = [await work.finished("key", name) for name in ("bad", "much")]
    ends.append(await work.perform(news("direct", delivery="sync")))
    assert [(end.state, end.error_code, end.attempts) for end in ends if end] == [
        ("failed", "invalid_request", 1),
        ("failed", "rate_limited", 1),
        ("failed", "engine_crashed", 1),
    ]
    assert await webhook_bodies(database) == 1
    gate.faults = {}
    assert (await work.perform(news("direct", delivery="sync"))).state == "succeeded"  # asked for again
    assert [type(answer) for answer in await work.submit([news("bad"), news("much")])] == [TaskConflict] * 2


async def test_no_room_is_no_failure(work: Worker, gate: Gate, clock: Clock) -> None:
    gate.open()
    gate.faults = {"1": [Overloaded("full", retry_after=7.0) for _ in range(5)]}
    await work.submit([news("1")])
    for time in range(1, 6):
        await gate.until(lambda: gate.begun["1"] == time)  # noqa: B023
        await work._background_tasks.close(10)
        waiting = await one(work, "1")
        assert (waiting.state, waiting.attempts, waiting.not_before) == ("queued", 0, clock.now + 7)
        clock.now += 7
        work.claims.wake()
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.attempts) == ("succeeded", 1)


@pytest.mark.parametrize("mistake", [ValueError("secret detail"), asyncio.CancelledError()])
async def test_a_mistake_of_the_runner_is_logged_and_tried_once_more(
    work: Worker, gate: Gate, clock: Clock, mistake: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    gate.open()
    gate.faults = {"1": [mistake] * 5}
    with caplog.at_level(logging.ERROR, "maxserve.tasks"):
        await work.submit([news("1")])
        await gate.until(lambda: gate.begun["1"] == 1)
        await work._background_tasks.close(10)
        clock.now += 1
        work.claims.wake()
        done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.error_code, done.attempts) == ("failed", InternalError.code, 2)
    assert done.error is not None
    assert b"secret detail" not in done.error
    assert sum("internal error" in record.message for record in caplog.records) == 2
    assert (await work.perform(news("2", delivery="sync"))).state == "succeeded"


async def test_a_runner_that_cannot_even_tell_its_error(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Gate):
        def failure(self, task: object, error: object) -> bytes:
            raise ValueError("no")

        def webhook_bodies(self, task: object, results: object, error: object) -> tuple[bytes, ...]:
            raise ValueError("no")

    gate = Broken(open=True)
    gate.faults = {"ill": [EngineCrashed("It broke.")]}
    work = Worker(database, settings(), {"gate": gate})
    ill = await work.perform(news("ill", delivery="sync", webhook=HOOK))
    assert (ill.state, ill.error) == ("failed", b'{"code":"engine_crashed","message":"It broke."}')
    assert (await work.perform(news("well", delivery="sync", webhook=HOOK))).results == RESULTS
    assert await webhook_bodies(database) == 0
    assert "could not be written" in caplog.text
    await work.close(0)


async def test_whoever_may_not_any_more_is_not_served(database: Database) -> None:
    def authorize(owner: str) -> None:
        raise Forbidden(f"{owner} is gone.")

    gate = Gate(open=True)
    work = Worker(database, settings(), {"gate": gate}, authorize=authorize)
    work.start()
    await work.submit([news("1")])
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.error_code, gate.begun.total()) == ("forbidden", 0)
    assert (await work.perform(news("2", delivery="sync"))).state == "succeeded"  # its request was let in just now
    await work.close(0)


async def test_cancelling(work: Worker, gate: Gate, database: Database) -> None:
    work.claims._settings = settings(concurrency=1)
    await work.submit([news("runs", webhook=HOOK), news("waits", webhook=HOOK)])
    await gate.until(lambda: gate.begun["runs"] == 1)
    waits = await work.cancel("key", "waits")
    assert waits is not None
    assert (waits.state, waits.error_code, waits.cancelling) == ("cancelled", "cancelled", False)
    assert waits == await one(work, "waits")
    runs = await work.cancel("key", "runs")
    assert runs is not None
    assert (runs.state, runs.cancelling) == ("running", True)
    done = await work.finished("key", "runs")
    assert done is not None
    assert (done.state, gate.cancelled) == ("cancelled", ["runs"])
    assert await webhook_bodies(database) == 2
    assert await work.cancel("key", "runs") == done
    assert await work.cancel("key", "none") is None
    assert await work.cancel("other", "runs") is None


async def test_cancelling_from_another_process(work: Worker, gate: Gate, database: Database, clock: Clock) -> None:
    other = Worker(database, settings(), {}, clock=clock)
    work.claims._settings = settings(concurrency=1)
    performed = asyncio.create_task(work.perform(news("direct", delivery="sync")))
    await gate.until(lambda: gate.begun["direct"] == 1)
    await work.submit([news("runs"), news("waits"), news("hooked", webhook=HOOK)])
    await gate.until(lambda: gate.begun["runs"] == 1)
    waits = await other.cancel("key", "waits")
    assert waits is not None
    assert (waits.state, waits.error) == ("cancelled", b'{"code":"cancelled","message":"The task was cancelled."}')
    # What its webhook is to be told only those know that can run it.
    for name in ("runs", "direct", "hooked"):
        flagged = await other.cancel("key", name)
        assert flagged is not None
        assert (flagged.finished, flagged.cancelling) == (False, True)
    await work._leases.renew()
    assert (await performed).state == "cancelled"
    assert (await work.finished("key", "runs") or flagged).state == "cancelled"
    await work.claims.poll()
    assert (await one(work, "hooked")).state == "cancelled"
    assert await webhook_bodies(database) == 1
    assert gate.begun["hooked"] == gate.begun["waits"] == 0
    await other.close(0)


async def test_what_failed_or_was_cancelled_may_be_run_again(work: Worker, gate: Gate) -> None:
    gate.open()
    gate.faults = {"1": [InvalidRequest("no")]}
    await work.submit([news("1")])
    await work.finished("key", "1")
    again = await work.retry("key", "1")
    assert again is not None
    assert again.state == "queued"
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.attempts) == ("succeeded", 1)
    assert await work.retry("key", "1") is None
    assert [task.id for task in await work.list(Wanted(owner="key", states=["succeeded"]))] == ["1"]


async def test_waiting_for_what_is_not_there(work: Worker) -> None:
    assert await work.finished("key", "none") is None
    assert await work.get("key", []) == {}


async def test_close_waits_then_gives_back(database: Database, clock: Clock) -> None:
    gate = Gate()
    first = Worker(database, settings(), {"gate": gate}, clock=clock)
    first.start()
    await first.submit([news("quick"), news("slow")])
    caller = asyncio.create_task(first.perform(news("direct", delivery="sync")))
    await gate.until(lambda: gate.begun.total() == 3)
    gate.let("quick")
    assert await first.finished("key", "quick")
    await first.close(0)
    with pytest.raises(Overloaded):
        await caller
    assert sorted(gate.cancelled) == ["direct", "slow"]
    with pytest.raises(Overloaded):
        await first.perform(news("later", delivery="sync"))
    second = Worker(database, settings(), {"gate": gate}, clock=clock)
    for name in ("slow", "direct"):
        back = await one(second, name)
        assert (back.state, back.attempts, back.takeovers, back.worker) == ("queued", 0, 0, None)
    gate.open()
    second.start()
    for name in ("slow", "direct"):
        done = await second.finished("key", name)
        assert done is not None
        assert (done.state, done.attempts, gate.begun[name]) == ("succeeded", 1, 2)
    await second.close(0)
    await second.close(0)


async def test_close_lets_end_what_ends_in_time(database: Database) -> None:
    gate = Gate()
    work = Worker(database, settings(), {"gate": gate})
    caller = asyncio.create_task(work.perform(news("1", delivery="sync")))
    await gate.until(lambda: gate.begun["1"] == 1)
    closing = asyncio.create_task(work.close(60))
    await asyncio.sleep(0)
    gate.open()
    await closing
    assert (await caller).state == "succeeded"
    assert gate.cancelled == []


async def test_a_database_that_is_away_ends_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    away = Away(database)
    gate = Gate()
    work = Worker(away, settings(poll_s=0.02, lease_s=0.06), {"gate": gate})
    work.start()
    await work.submit([news("ready"), news("runs")])
    await gate.until(lambda: gate.begun.total() == 2)
    direct = asyncio.create_task(work.perform(news("direct", delivery="sync")))
    await gate.until(lambda: gate.begun.total() == 3)
    away.away = True
    gate.let("ready")
    gate.let("direct")
    await work.delivered("key", ["x"])
    await away.until_refused(12)  # polls, renewals and what is to be stored
    away.away = False
    assert (await direct).state == "succeeded"
    ready = await work.finished("key", "ready")
    assert ready is not None
    assert (ready.state, gate.begun["ready"]) == ("succeeded", 1)
    await work.submit([news("next")])
    gate.open()
    for name in ("runs", "next"):
        assert await work.finished("key", name)
    assert set(gate.begun.values()) == {1}
    assert caplog.text.count("database unavailable, tasks wait") == caplog.text.count("database available again") == 1
    await work.close(0)


async def test_a_submission_whose_answer_was_lost_is_known_when_it_comes_again(database: Database) -> None:
    away = Away(database)
    gate = Gate(open=True)
    work = Worker(away, settings(poll_s=0.02), {"gate": gate})
    away.lost = True
    with pytest.raises(Exception, match="taken away"):
        await work.submit([news("1")])
    work.start()
    assert [type(answer) for answer in await work.submit([news("1")])] == [TaskConflict]
    assert await work.finished("key", "1")  # the poll found it
    await work.close(0)


async def test_what_cannot_be_stored_is_left_to_the_lease(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise ValueError("no row")

    gate = Gate(open=True)
    work = Worker(database, settings(), {"gate": gate}, clock=clock)
    work.start()
    with monkeypatch.context() as patch:
        patch.setattr("maxserve.tasks.queue.enqueue", broken)
        await work.submit([news("1", webhook=HOOK)])
        await gate.until(lambda: gate.begun["1"] == 1)
        await work._background_tasks.close(10)
        left = await one(work, "1")
        assert (left.state, left.results, await webhook_bodies(database)) == ("running", (), 0)
    clock.now += 31
    await work.claims.poll()
    work.claims.wake()
    done = await work.finished("key", "1")
    assert done is not None
    assert (done.state, done.takeovers, await webhook_bodies(database)) == ("succeeded", 1, 2)
    assert "result not stored" in caplog.text
    await work.close(0)


async def test_tidying(work: Worker, gate: Gate, clock: Clock) -> None:
    gate.open()
    done = await work.perform(news("1", delivery="sync"))
    clock.now += 86_400
    await work.claims.tidy()
    old = await one(work, "1")
    assert (old.expired, old.results, old.state) == (True, (), done.state)
    with pytest.raises(TaskConflict):
        await work.perform(news("1", delivery="sync"))
    clock.now += 604_800
    await work.claims.tidy()
    assert await work.get("key", ["1"]) == {}


def test_cancelled_is_an_error_of_its_own() -> None:
    assert Cancelled("x").code == "cancelled"
