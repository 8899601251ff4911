"""The steps of a task's life, on both databases, and in any order."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import IntegrityError

from maxserve.chat import EngineCrashed, InvalidRequest, Overloaded, RateLimited, SpendLimited
from maxserve.store import StoreUnavailable
from maxserve.store.database import Database
from maxserve.store.open import open_database
from maxserve.tasks import Task, TaskConflict
from maxserve.tasks.admin_queries import Cursor, Wanted, tasks
from maxserve.tasks.queries import find, undelivered
from maxserve.tasks.queue import (
    Held,
    begin,
    claim,
    claimable,
    due,
    finish,
    flag,
    mark_delivered,
    overdue,
    renew,
    requeue,
    retry,
    submit,
)
from maxserve.tasks.result import TaskResult
from maxserve.tasks.retention import expire, forget
from maxserve.tasks.tables import TASKS
from maxserve.webhooks.tables import DELIVERIES
from tests.support.tables import TABLES

from .works import START, news, webhook_bodies

KINDS = ("gate",)
DONE = TaskResult(state="succeeded", results=(b"1", b'{"a":[2]}'), webhook_bodies=(b"1", b"2"))


def take(
    connection: Connection, now: float = START, *, limit: int = 8, per_key: int = 8, worker: str = "w"
) -> list[Task]:
    return claim(connection, worker, KINDS, now, lease_s=30, limit=limit, per_key=per_key).tasks


def ids(tasks: list[Task]) -> list[str]:
    return [task.id for task in tasks]


def put(connection: Connection, *names: str, now: float = START, owner: str = "key") -> None:
    assert set(submit(connection, [news(name, owner=owner) for name in names], now, 10_000)) == {None}


async def test_what_is_accepted_keeps_its_order_and_everything_that_was_said(database: Database) -> None:
    wanted = [news(str(i), webhook="https://hook.example/x", session="s") for i in range(40)]
    assert await database.write(lambda c: submit(c, wanted, START, 100)) == [None] * 40
    (first, *_) = claimed = await database.write(lambda c: take(c, START + 1, limit=40, per_key=40))
    assert ids(claimed) == [str(i) for i in range(40)]
    assert (first.payload, first.webhook, first.session) == (b'{"ask":1}', "https://hook.example/x", "s")
    assert (first.state, first.attempts, first.started_at, first.lease_until) == ("running", 1, START + 1, START + 31)
    assert first == (await database.read(lambda c: find(c, "key", ["0"])))["0"]


async def test_an_id_is_taken_once_per_owner_also_within_one_call(database: Database) -> None:
    both = [news("a"), news("a"), news("a", owner="other")]
    first, second, other = await database.write(lambda c: submit(c, both, START, 10))
    assert (first, other) == (None, None)
    assert isinstance(second, TaskConflict)
    with pytest.raises(TaskConflict):
        await database.write(lambda c: begin(c, news("a", delivery="sync"), "w", START, 30))


async def test_a_full_queue_takes_no_more_of_that_owner_and_knows_those_it_has(database: Database) -> None:
    answers = await database.write(lambda c: submit(c, [news(str(i)) for i in range(5)], START, 3))
    assert [answer is None for answer in answers] == [True, True, True, False, False]
    assert isinstance(answers[3], RateLimited)
    assert answers[3].retry_after
    again = await database.write(lambda c: submit(c, [news("0"), news("9"), news("9", owner="other")], START, 3))
    assert [type(answer) for answer in again] == [TaskConflict, RateLimited, type(None)]
    assert sorted(await database.read(lambda c: find(c, "key", [str(i) for i in range(10)]))) == ["0", "1", "2"]
    await database.write(lambda c: take(c, limit=1))
    assert await database.write(lambda c: submit(c, [news("9")], START, 3)) == [None]


async def test_many_replicas_never_accept_more_than_fits_nor_one_id_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    other = open_database(database_url, tmp_path, TABLES, ())
    try:
        answers = await asyncio.gather(
            *(
                (database, other)[i % 2].write(lambda c, i=i: submit(c, [news(str(i // 2))], START, 25))
                for i in range(80)
            )
        )
    finally:
        await other.close()
    counts = Counter(type(answer) for (answer,) in answers)
    assert counts[type(None)] == 25
    assert await database.read(lambda c: c.execute(select(func.count()).select_from(TASKS)).scalar_one()) == 25


@pytest.mark.parametrize("error", [EngineCrashed("x"), Overloaded("x"), RateLimited("x"), SpendLimited("x")])
async def test_a_direct_task_that_may_be_asked_for_again_makes_room(database: Database, error: Exception) -> None:
    for delivery in ("sync", "stream"):
        begun = await database.write(lambda c: begin(c, news("a", delivery=delivery), "w1", START, 30))  # noqa: B023
        failed = TaskResult(state="failed", error=b"{}", error_code=error.code)
        assert await database.write(lambda c: finish(c, begun, failed, START))  # noqa: B023
    again = await database.write(lambda c: begin(c, news("a", delivery="sync"), "w2", START + 9, 30))
    assert (again.state, again.created_at, again.error) == ("running", START + 9, None)
    assert (await database.read(lambda c: find(c, "key", ["a"])))["a"] == again


async def test_other_ends_and_queued_tasks_keep_their_id(database: Database) -> None:
    ends = {
        "mended": TaskResult(state="failed", error=b"{}", error_code=InvalidRequest.code),
        "well": DONE,
        "gone": TaskResult(state="cancelled", error=b"{}", error_code="cancelled"),
    }
    for name, ending in ends.items():
        begun = await database.write(lambda c: begin(c, news(name, delivery="sync"), "w", START, 30))  # noqa: B023
        assert await database.write(lambda c: finish(c, begun, ending, START))  # noqa: B023
    await database.write(lambda c: put(c, "queued"))
    (task,) = await database.write(take)
    crashed = TaskResult(state="failed", error=b"{}", error_code=EngineCrashed.code)
    assert await database.write(lambda c: finish(c, task, crashed, START))
    for name in (*ends, "queued"):
        with pytest.raises(TaskConflict):
            await database.write(lambda c: begin(c, news(name, delivery="sync"), "w", START, 30))  # noqa: B023


async def test_claims_are_by_age_within_what_each_key_may_have(database: Database) -> None:
    def fill(c: Connection) -> None:
        put(c, *(f"a{i}" for i in range(50)), owner="a")
        put(c, *(f"b{i}" for i in range(3)), owner="b", now=START + 1)
        put(c, *(f"c{i}" for i in range(3)), owner="c", now=START + 2)

    await database.write(fill)
    assert ids(await database.write(lambda c: take(c, START + 3, limit=2, per_key=3))) == ["a0", "a1"]
    assert ids(await database.write(lambda c: take(c, START + 3, limit=6, per_key=3))) == [
        "a2",
        "b0",
        "b1",
        "b2",
        "c0",
        "c1",
    ]
    last = await database.write(lambda c: claim(c, "w", KINDS, START + 3, lease_s=30, limit=6, per_key=3))
    assert (ids(last.tasks), last.more) == (["c2"], True)
    assert not await database.read(lambda c: due(c, KINDS, START + 3, per_key=3))
    assert await database.read(lambda c: due(c, KINDS, START + 3, per_key=4))


async def test_a_claim_knows_whether_it_left_anything(database: Database) -> None:
    await database.write(lambda c: put(c, "1", "2", "3"))
    assert await database.read(lambda c: claimable(c, KINDS, START + 1, limit=3, per_key=8)) == (
        [("key", "1"), ("key", "2"), ("key", "3")],
        False,
    )
    for limit, per_key in ((2, 8), (8, 2), (2, 2)):
        found, more = await database.read(lambda c: claimable(c, KINDS, START + 1, limit=limit, per_key=per_key))  # noqa: B023
        assert (found, more) == ([("key", "1"), ("key", "2")], True)
    assert await database.read(lambda c: claimable(c, KINDS, START - 1, limit=3, per_key=8)) == ([], False)
    assert await database.read(lambda c: claimable(c, ("other",), START + 1, limit=3, per_key=8)) == ([], False)
    assert await database.read(lambda c: claimable(c, (), START + 1, limit=3, per_key=8)) == ([], False)


async def test_direct_tasks_take_no_place_of_the_queue(database: Database) -> None:
    for name in "xyz":
        await database.write(lambda c: begin(c, news(name, delivery="sync"), "w", START, 30))  # noqa: B023
    await database.write(lambda c: put(c, "1"))
    assert ids(await database.write(lambda c: take(c, per_key=1))) == ["1"]


async def test_replicas_that_claim_together_never_pass_the_limit_of_a_key(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await database.write(lambda c: put(c, *map(str, range(60))))
    other = open_database(database_url, tmp_path, TABLES, ())
    try:
        batches = await asyncio.gather(
            *(
                (database, other)[i % 2].write(lambda c, i=i: take(c, limit=3, per_key=10, worker=f"w{i}"))
                for i in range(30)
            )
        )
    finally:
        await other.close()
    taken = [task.id for batch in batches for task in batch]
    assert sorted(taken, key=int) == [str(i) for i in range(10)]


async def test_only_who_holds_a_task_ends_it_and_only_once(database: Database) -> None:
    await database.write(lambda c: submit(c, [news("1", webhook="https://hook.example/")], START, 9))
    (mine,) = await database.write(take)
    assert not await database.write(lambda c: finish(c, mine, DONE, START + 1, late=True))  # its lease holds
    assert not await database.write(lambda c: requeue(c, mine, START + 29, taken_over=True))
    assert await database.write(lambda c: requeue(c, mine, START + 30, taken_over=True))
    (theirs,) = await database.write(lambda c: take(c, START + 31, worker="v"))
    assert (theirs.takeovers, theirs.attempts) == (1, 1)
    assert not await database.write(lambda c: finish(c, mine, DONE, START + 32))
    assert await webhook_bodies(database) == 0
    assert await database.write(lambda c: finish(c, theirs, DONE, START + 32))
    assert not await database.write(lambda c: finish(c, theirs, DONE, START + 33))
    assert await webhook_bodies(database) == 2
    done = (await database.read(lambda c: find(c, "key", ["1"])))["1"]
    assert (done.state, done.results, done.finished_at, done.worker) == ("succeeded", DONE.results, START + 32, None)


async def test_a_result_and_its_hooks_are_written_together_or_not_at_all(database: Database) -> None:
    await database.write(lambda c: submit(c, [news("1", webhook="https://hook.example/")], START, 9))
    (task,) = await database.write(take)

    def tables(c: Connection) -> None:
        c.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
        c.execute(text("CREATE TABLE orphans (id INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"))

    def uncommittable(c: Connection) -> None:
        assert finish(c, task, DONE, START + 1)
        assert c.execute(select(func.count()).select_from(DELIVERIES)).scalar_one() == 2
        c.execute(text("INSERT INTO orphans VALUES (1)"))  # which only the commit minds

    await database.write(tables)
    with pytest.raises((IntegrityError, StoreUnavailable)):
        await database.write(uncommittable)
    assert (await database.read(lambda c: find(c, "key", ["1"])))["1"] == task
    assert await webhook_bodies(database) == 0
    assert await database.write(lambda c: finish(c, task, DONE, START + 1))
    assert await webhook_bodies(database) == 2


async def test_renewals_tell_what_is_lost_and_what_is_unwanted(database: Database) -> None:
    await database.write(lambda c: put(c, "1", "2", "3"))
    one, two, three = await database.write(lambda c: take(c, START + 1))
    assert await database.write(lambda c: flag(c, two))
    assert await database.write(lambda c: finish(c, three, DONE, START + 2))
    held = [Held("key", "1", "w", 40), Held("key", "2", "w", None), Held("key", "3", "w", 7), Held("key", "1", "v", 99)]
    assert await database.write(lambda c: renew(c, held, START + 10, 30)) == {("key", "1"): False, ("key", "2"): True}
    found = await database.read(lambda c: find(c, "key", ["1", "2", "3"]))
    assert [(task.lease_until, task.progress) for task in found.values()] == [
        (START + 40, 40),
        (START + 40, None),
        (None, None),
    ]
    assert await database.write(lambda c: renew(c, [Held("key", "1", "v", 99)], START, 30)) == {}
    assert await database.write(lambda c: renew(c, [], START, 30)) == {}
    assert one.worker == "w"


async def test_what_is_overdue(database: Database) -> None:
    await database.write(lambda c: put(c, "late", "unwanted", "queued"))
    await database.write(lambda c: take(c, START + 1, limit=1))
    await database.write(lambda c: begin(c, news("fresh", delivery="sync"), "w", START + 20, 30))
    unwanted = (await database.read(lambda c: find(c, "key", ["unwanted"])))["unwanted"]
    assert await database.write(lambda c: flag(c, unwanted))
    assert ids(await database.read(lambda c: overdue(c, KINDS, START + 30))) == ["unwanted"]
    assert sorted(ids(await database.read(lambda c: overdue(c, KINDS, START + 31)))) == ["late", "unwanted"]
    assert await database.read(lambda c: overdue(c, ("other",), START + 99)) == []
    assert ids(await database.write(lambda c: take(c, START + 99))) == ["queued"]


async def test_one_that_is_cancelled_while_it_fails_is_not_begun_again(database: Database) -> None:
    await database.write(lambda c: put(c, "1"))
    (task,) = await database.write(lambda c: take(c, START + 1))
    assert await database.write(lambda c: flag(c, task))
    assert await database.write(lambda c: requeue(c, task, START + 2, pause_s=1, counted=True))
    assert await database.write(lambda c: take(c, START + 99)) == []
    assert ids(await database.read(lambda c: overdue(c, KINDS, START + 3))) == ["1"]


async def test_attempts_count_beginnings_after_failures_only(database: Database) -> None:
    await database.write(lambda c: put(c, "1"))
    (task,) = await database.write(lambda c: take(c, START + 1))
    assert await database.write(lambda c: requeue(c, task, START + 2, pause_s=4, counted=True))
    assert await database.write(lambda c: take(c, START + 5)) == []
    (task,) = await database.write(lambda c: take(c, START + 6))
    assert task.attempts == 2
    assert await database.write(lambda c: requeue(c, task, START + 7))
    (task,) = await database.write(lambda c: take(c, START + 7))
    assert (task.attempts, task.takeovers) == (2, 0)


async def test_a_retry_is_a_new_beginning(database: Database) -> None:
    await database.write(lambda c: put(c, "1", "2"))
    one, two = await database.write(take)
    assert await database.write(lambda c: retry(c, "key", "1", START)) is None  # it runs
    failed = TaskResult(state="failed", error=b"{}", error_code="engine_error", kept=b"masked")
    assert await database.write(lambda c: finish(c, one, failed, START + 1))
    assert await database.write(lambda c: finish(c, two, DONE, START + 1))
    again = await database.write(lambda c: retry(c, "key", "1", START + 5))
    assert again is not None
    assert (again.state, again.attempts, again.error, again.error_code, again.finished_at, again.created_at) == (
        *("queued", 0, None, None, None),
        START,
    )
    assert await database.write(lambda c: retry(c, "key", "2", START)) is None  # it has succeeded
    assert await database.write(lambda c: retry(c, "key", "9", START)) is None
    assert ids(await database.write(lambda c: take(c, START + 5))) == ["1"]


async def test_sessions_are_told_once_of_what_they_missed(database: Database) -> None:
    def fill(c: Connection) -> None:
        for name, owner, session in (("1", "key", "s"), ("2", "key", "s"), ("3", "key", "t"), ("4", "other", "s")):
            begun = begin(c, news(name, owner=owner, session=session, delivery="sync"), "w", START + int(name), 30)
            if name != "2":
                assert finish(c, begun, DONE, START + 10)
        begin(c, news("5", session="s", delivery="stream"), "w", START, 30)

    await database.write(fill)
    assert ids(await database.read(lambda c: undelivered(c, "key", "s", START + 10))) == ["1", "2"]
    assert ids(await database.read(lambda c: undelivered(c, "key", "s", START + 11))) == ["2"]
    await database.write(lambda c: mark_delivered(c, [("key", "1"), ("key", "9")], START + 12))
    assert ids(await database.read(lambda c: undelivered(c, "key", "s", START))) == ["2"]
    await database.write(lambda c: mark_delivered(c, [], START + 12))


async def test_old_tasks_are_emptied_then_forgotten(database: Database) -> None:
    def fill(c: Connection) -> None:
        put(c, "old", "new", "queued")
        old, new = take(c, limit=2)
        assert finish(c, old, DONE, START + 1)
        assert finish(c, new, DONE, START + 50)

    await database.write(fill)
    assert await database.write(lambda c: expire(c, START + 100, 60)) == 1
    assert await database.write(lambda c: expire(c, START + 100, 60)) == 0
    old, new = (await database.read(lambda c: find(c, "key", ["old", "new"]))).values()
    if old.id == "new":
        old, new = new, old
    assert (old.expired, old.payload, old.results, old.state) == (True, b"", (), "succeeded")
    assert (new.expired, new.results) == (False, DONE.results)
    assert await database.write(lambda c: forget(c, START + 100, 100)) == 0
    assert await database.write(lambda c: forget(c, START + 101, 100)) == 1
    assert sorted(await database.read(lambda c: find(c, "key", ["old", "new", "queued"]))) == ["new", "queued"]


async def test_lists_are_by_age_and_light(database: Database) -> None:
    await database.write(lambda c: put(c, "1", "2", "3"))
    await database.write(lambda c: put(c, "4", owner="other", now=START + 5))
    await database.write(lambda c: take(c, START + 9, limit=1))
    whole = await database.read(lambda c: tasks(c, Wanted()))
    assert ids(whole) == ["4", "3", "2", "1"]
    assert whole[0].payload == b""
    last = Cursor(whole[1].created_at, whole[1].id, whole[1].owner)
    for wanted, expected in (
        (Wanted(owner="key"), ["3", "2", "1"]),
        (Wanted(states=["running"]), ["1"]),
        (Wanted(limit=2), ["4", "3"]),
        (Wanted(after=last, limit=1), ["2"]),
        (Wanted(since=START + 5), ["4"]),
    ):
        assert ids(await database.read(lambda c: tasks(c, wanted))) == expected  # noqa: B023


def memory() -> Connection:
    connection = create_engine("sqlite://").connect()
    TABLES.create_all(connection)
    return connection


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["submit", "begin", "claim", "claim", "finish", "fail", "requeue", "renew", "recover", "cancel", "retry"]
        ),
        st.integers(0, 5),
        st.sampled_from([0.0, 0.5, 20.0]),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_in_any_order_no_task_runs_twice_under_a_lease_or_ends_twice(steps: list[tuple[str, int, float]]) -> None:
    """Six ids of two owners, claimed by ever new workers; each must be in one place, and end once per life."""
    now, number = START, 0
    held: list[Task] = []  # all that were ever begun; most are lost by now
    ends: Counter[str] = Counter()
    lives: Counter[str] = Counter()
    with memory() as c:
        for step, which, later in steps:
            now, number = now + later, number + 1
            name, owner = str(which), "ab"[which % 2]
            (row,) = [*find(c, owner, [name]).values()] or [None]
            mine = held[-1 - which] if which < len(held) else None
            if step == "submit":
                (answer,) = submit(c, [news(name, owner=owner, webhook="https://h.example/")], now, 100)
                assert (answer is None) == (row is None or _replaceable(row))
                lives[name] += answer is None
            elif step == "begin":
                try:
                    delivery = "sync" if which % 3 else "stream"
                    held.append(begin(c, news(name, owner=owner, delivery=delivery), f"w{number}", now, 30))
                    lives[name] += 1
                except TaskConflict:
                    assert row is not None
                    assert not _replaceable(row)
            elif step == "claim":
                held += take(c, now, limit=which, per_key=2, worker=f"w{number}") if which else []
            elif step in ("finish", "fail") and mine:
                state = "succeeded" if step == "finish" else "failed"
                code = "" if step == "finish" else EngineCrashed.code
                held_keys = find(c, mine.owner, [mine.id])[mine.id].worker == mine.worker
                ended = finish(c, mine, TaskResult(state=state, error_code=code, webhook_bodies=(b"{}",)), now)
                assert ended == held_keys
                ends[mine.id] += ended
            elif step == "requeue" and mine:
                requeue(c, mine, now, pause_s=1, counted=True)
            elif step == "renew":
                kept = renew(c, [Held(t.owner, t.id, t.worker, 5) for t in held], now, 30)
                for key in kept:
                    assert sum((t.owner, t.id) == key and _holds(c, t) for t in held) == 1
            elif step == "recover":
                for task in overdue(c, KINDS, now):
                    if task.cancelling or task.takeovers > 1:
                        ends[task.id] += finish(c, task, TaskResult(state="cancelled"), now, late=True)
                    else:
                        assert task.lease_until is not None
                        assert task.lease_until <= now
                        requeue(c, task, now, taken_over=True)
            elif step == "cancel" and row and not row.finished:
                if row.state == "queued":
                    ends[name] += finish(c, row, TaskResult(state="cancelled"), now)
                else:
                    assert flag(c, row)
            elif step == "retry":
                lives[name] += retry(c, owner, name, now) is not None
            rows = {task.id: task for owner in "ab" for task in find(c, owner, list("012345")).values()}
            running = [task for task in rows.values() if task.state == "running"]
            assert all(task.worker and task.lease_until for task in running)
            assert all(task.worker is None for task in rows.values() if task.state != "running")
            assert max(Counter(task.owner for task in running if not task.direct).values(), default=0) <= 2
            for name, task in rows.items():
                assert ends[name] == lives[name] - (not task.finished), name


def _holds(connection: Connection, task: Task) -> bool:
    return find(connection, task.owner, [task.id])[task.id].worker == task.worker


def _replaceable(task: Task) -> bool:
    return task.state == "failed" and task.delivery != "async" and task.error_code == EngineCrashed.code
