"""What those who manage tasks find, on both databases."""

from __future__ import annotations

from typing import Any

from maxserve.store.database import Database
from maxserve.tasks import NewTask, queue
from maxserve.tasks.admin_queries import Cursor, Wanted, disabled, enable, matching, matching_deliveries, task, tasks
from maxserve.webhooks import outbox
from maxserve.webhooks.delivery import DeliveryAttempt

NOW = 1_795_273_200.0
URL = "https://example.com/hooks"


def news(id: str, owner: str = "", **fields: Any) -> NewTask:
    return NewTask(owner=owner, id=id, kind="runware", delivery="async", payload=b'{"a":1}', **fields)


async def accept(database: Database, *wanted: NewTask, now: float = NOW) -> None:
    assert await database.write(lambda c: queue.submit(c, wanted, now, 100)) == [None] * len(wanted)


async def test_pages_part_what_came_at_the_same_time(database: Database) -> None:
    """No task is shown twice or left out, even where nothing but the owner tells two apart."""
    for owner in ("", "abc", "def"):
        await accept(database, news("a", owner), now=NOW)
    await accept(database, news("b"), now=NOW)
    await accept(database, news("c"), now=NOW + 5)
    seen: list[tuple[str, str]] = []
    after: Cursor | None = None
    while True:
        wanted = Wanted(after=after, limit=2)
        if not (page := await database.read(lambda c, wanted=wanted: tasks(c, wanted))):  # type: ignore[misc]
            break
        seen += [(one.id, one.owner) for one in page]
        after = Cursor(page[-1].created_at, page[-1].id, page[-1].owner)
    assert seen == [("c", ""), ("b", ""), ("a", "def"), ("a", "abc"), ("a", "")]


async def test_filters(database: Database) -> None:
    await accept(database, news("a", "abc", model="M2"), news("b", model="M3"))
    await accept(database, news("c", model="M3"), now=NOW + 9)

    async def ids(**fields: Any) -> list[str]:
        return [one.id for one in await database.read(lambda c: tasks(c, Wanted(**fields)))]

    assert await ids() == ["c", "b", "a"]
    assert await ids(owner="") == ["c", "b"]
    assert await ids(owner="abc") == ["a"]
    assert await ids(models=("M3", "m3")) == ["c", "b"]
    assert await ids(since=NOW + 8) == ["c"]
    assert await ids(states=("running", "failed")) == []
    assert await ids(states=("queued",), limit=1) == ["c"]


async def test_beginnings_are_letters_and_nothing_else(database: Database) -> None:
    await accept(database, news("ab-1"), news("ab_2"), news("ab%3"), news("ab-1", "abc"))
    assert await database.read(lambda c: matching(c, "AB-")) == [("", "ab-1"), ("abc", "ab-1")]
    assert await database.read(lambda c: matching(c, "ab_")) == [("", "ab_2")]
    assert await database.read(lambda c: matching(c, "ab%")) == [("", "ab%3")]
    assert await database.read(lambda c: matching(c, "ab", "abc")) == [("abc", "ab-1")]
    assert len(await database.read(lambda c: matching(c, "", limit=2))) == 2
    found = await database.read(lambda c: task(c, "abc", "ab-1"))
    assert found is not None
    assert (found.payload, found.state) == (b'{"a":1}', "queued")
    assert await database.read(lambda c: task(c, "abc", "ab_2")) is None


async def test_disabled_addresses_are_enabled_for_one_key_or_all(database: Database) -> None:
    for owner in ("abc", "def"):

        def gone(connection: Any, owner: str = owner) -> None:
            outbox.enqueue(connection, owner, "a", URL, (b"{}",), NOW)
            (hook,) = outbox.claim(connection, "w", lambda: NOW, lease_s=9, limit=1, per_receiver=1)
            attempt = DeliveryAttempt(at=NOW, status=410, reason="Gone.")
            assert outbox.record(connection, hook.id, "w", attempt, NOW, state="disabled")

        await database.write(gone)
    assert [one.owner for one in await database.read(lambda c: disabled(c, "abc"))] == ["abc"]
    assert len(await database.read(lambda c: disabled(c, None))) == 2
    assert await database.write(lambda c: enable(c, "abc", URL)) == 1
    assert await database.write(lambda c: enable(c, "abc", URL)) == 0
    assert await database.write(lambda c: enable(c, None, URL)) == 1
    found = await database.read(lambda c: matching_deliveries(c, "msg_"))
    assert [owner for owner, _ in found] == ["abc", "def"] or [owner for owner, _ in found] == ["def", "abc"]
    assert await database.read(lambda c: matching_deliveries(c, found[0][1], found[0][0])) == [found[0]]
