"""The outbox, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection

from maxserve.store.database import Database
from maxserve.store.open import open_database
from maxserve.webhooks import outbox
from maxserve.webhooks.delivery import REMEMBERED, DeliveryAttempt, DeliveryState, WebhookDelivery
from tests.support.tables import TABLES

URL = "https://hooks.example.com/in?token=x"
NOW = 1_795_000_000.0
BODIES = [b'{"n":%d,"text":"\xc3\xbc"}' % number for number in range(40)]


async def enqueue(
    database: Database, count: int = 1, *, url: str = URL, owner: str = "a", task: str = "t1", now: float = NOW
) -> None:
    await database.write(lambda c: outbox.enqueue(c, owner, task, url, BODIES[:count], now))


async def claim(
    database: Database, worker: str = "w1", now: float = NOW, limit: int = 10, per_receiver: int = 10
) -> list[WebhookDelivery]:
    return await database.write(
        lambda c: outbox.claim(c, worker, lambda: now, lease_s=20, limit=limit, per_receiver=per_receiver)
    )


async def record(
    database: Database,
    delivery: WebhookDelivery,
    state: DeliveryState,
    worker: str = "w1",
    now: float = NOW,
    **more: float,
) -> bool:
    attempt = DeliveryAttempt(
        at=now, took_s=0.5, status=200 if state == "delivered" else 500, reason="" if state == "delivered" else "No."
    )
    return await database.write(lambda c: outbox.record(c, delivery.id, worker, attempt, now, state=state, **more))


async def show(database: Database, id: str) -> WebhookDelivery:
    found = await database.read(lambda c: outbox.show(c, None, id))
    assert found is not None
    return found


async def test_what_is_enqueued_is_claimed_in_order_with_its_bodies(database: Database) -> None:
    await enqueue(database, 3)
    deliveries = await claim(database)
    assert [delivery.body for delivery in deliveries] == BODIES[:3]
    assert [delivery.position for delivery in deliveries] == [0, 1, 2]
    assert [delivery.id for delivery in deliveries] == sorted({delivery.id for delivery in deliveries})
    assert all(delivery.id.startswith("msg_") and len(delivery.id) == 30 for delivery in deliveries)
    seen = {(delivery.owner, delivery.task, delivery.url, delivery.state, delivery.worker) for delivery in deliveries}
    assert seen == {("a", "t1", URL, "waiting", "w1")}
    assert await claim(database, "w2") == []


async def test_it_is_part_of_the_transaction_that_finishes_the_task(database: Database) -> None:
    def work(connection: Connection) -> None:
        outbox.enqueue(connection, "a", "t1", URL, [b"{}"], NOW)
        raise RuntimeError("the task was not finished after all")

    with pytest.raises(RuntimeError):
        await database.write(work)
    await database.write(lambda c: outbox.enqueue(c, "a", "t1", URL, [], NOW))
    assert await database.read(lambda c: outbox.deliveries(c, None)) == []


async def test_a_lease_that_ends_lets_another_process_take_over_and_the_history_says_so(database: Database) -> None:
    await enqueue(database)
    (first,) = await claim(database, "w1")
    assert await claim(database, "w2", NOW + 19.9) == []
    (second,) = await claim(database, "w2", NOW + 20)
    assert (second.id, second.body, second.attempts) == (first.id, first.body, 0)
    assert not await record(database, first, "delivered", "w1", NOW + 21)
    assert (await show(database, first.id)).worker == "w2"
    assert await record(database, second, "delivered", "w2", NOW + 22)
    whole = await show(database, first.id)
    assert (whole.state, whole.attempts, whole.status, whole.finished_at) == ("delivered", 1, 200, NOW + 22)
    assert whole.history == (
        DeliveryAttempt(at=NOW, reason=outbox.INTERRUPTED),
        DeliveryAttempt(at=NOW + 22, took_s=0.5, status=200),
    )


async def test_what_fails_waits_for_its_moment(database: Database) -> None:
    await enqueue(database)
    (delivery,) = await claim(database)
    assert await record(database, delivery, "waiting", not_before=NOW + 8)
    assert await claim(database, now=NOW + 7.9) == []
    assert await database.read(lambda c: outbox.due(c, NOW + 2)) == (False, 6)
    assert await database.read(lambda c: outbox.due(c, NOW + 8)) == (True, None)
    (again,) = await claim(database, now=NOW + 8)
    assert (again.id, again.body, again.attempts) == (delivery.id, delivery.body, 1)
    assert await record(database, again, "failed", now=NOW + 9)
    assert await claim(database, now=NOW + 10**6) == []
    whole = await show(database, delivery.id)
    assert (whole.state, whole.reason, whole.attempts, len(whole.history)) == ("failed", "No.", 2, 2)


async def test_a_slow_receiver_leaves_room_for_the_others(database: Database) -> None:
    await enqueue(database, 40, url="https://slow.example/a?task=1")
    await enqueue(database, 40, url="https://SLOW.example:443/b", now=NOW + 1, owner="b")
    await enqueue(database, 3, url="https://fast.example/", now=NOW + 2)
    taken = await claim(database, now=NOW + 3, limit=8, per_receiver=4)
    assert (
        sorted(delivery.url for delivery in taken)
        == ["https://fast.example/"] * 3 + ["https://slow.example/a?task=1"] * 4
    )
    assert await claim(database, "w2", NOW + 3, limit=8, per_receiver=4) == []
    await record(database, taken[0], "delivered", now=NOW + 4)
    assert len(await claim(database, "w2", NOW + 4, limit=8, per_receiver=4)) == 1
    assert len(await claim(database, "w2", NOW + 30, limit=8, per_receiver=4)) == 7  # the leases are over


async def test_410_disables_the_address_of_that_key_until_a_replay(database: Database) -> None:
    await enqueue(database, 3, now=NOW - 3)
    await enqueue(database, 1, owner="b", task="t2", now=NOW - 2)
    await enqueue(database, 1, url="https://hooks.example.com/other", task="t3", now=NOW - 1)
    first, second, *_ = await claim(database, limit=2)
    assert await record(database, first, "disabled")
    assert await record(database, second, "waiting", not_before=NOW + 1)
    await enqueue(database, 1, task="t4")
    states = {
        (delivery.task, delivery.position): delivery.state
        for delivery in await database.read(lambda c: outbox.deliveries(c, None))
    }
    assert states == {
        ("t1", 0): "disabled", ("t1", 1): "disabled", ("t1", 2): "disabled", ("t2", 0): "waiting", ("t3", 0): "waiting",
        ("t4", 0): "disabled",
    }  # fmt: skip
    last = (await database.read(lambda c: outbox.deliveries(c, "a", task="t4")))[0]
    assert (last.reason, last.finished_at, last.attempts) == (outbox.GONE, NOW, 0)
    replayed = await database.write(lambda c: outbox.replay(c, "a", last.id, NOW + 5))
    assert replayed is not None
    assert (replayed.id, replayed.state, replayed.not_before) == (last.id, "waiting", NOW + 5)
    await enqueue(database, 1, task="t5", now=NOW + 6)
    due = await claim(database, now=NOW + 7)
    assert {delivery.task for delivery in due} == {"t2", "t3", "t4", "t5"}


@pytest.mark.parametrize("state", ["delivered", "failed", "disabled"])
async def test_a_replay_keeps_id_body_and_history(database: Database, state: DeliveryState) -> None:
    await enqueue(database)
    (delivery,) = await claim(database)
    await record(database, delivery, state)
    assert await database.write(lambda c: outbox.replay(c, "b", delivery.id, NOW)) is None
    assert await database.write(lambda c: outbox.replay(c, "a", "msg_none", NOW)) is None
    assert await database.write(lambda c: outbox.replay(c, None, delivery.id, NOW + 9)) is not None
    (again,) = await claim(database, now=NOW + 9)
    assert (again.id, again.body, again.attempts, again.finished_at) == (delivery.id, delivery.body, 0, None)
    assert len(again.history) == 1
    at_work = await database.write(lambda c: outbox.replay(c, "a", delivery.id, NOW + 10))
    assert at_work is not None
    assert at_work.worker == "w1"


async def test_a_replay_makes_one_that_waits_due_at_once(database: Database) -> None:
    await enqueue(database)
    (delivery,) = await claim(database)
    await record(database, delivery, "waiting", not_before=NOW + 3600)
    await database.write(lambda c: outbox.replay(c, "a", delivery.id, NOW + 1))
    (again,) = await claim(database, now=NOW + 1)
    assert again.attempts == 0


async def test_what_was_not_tried_is_given_back(database: Database) -> None:
    await enqueue(database, 2)
    deliveries = await claim(database)
    await database.write(lambda c: outbox.release(c, "w2", [deliveries[0].id]))
    assert await claim(database, "w3") == []
    await database.write(lambda c: outbox.release(c, "w1", [deliveries[0].id]))
    (again,) = await claim(database, "w3")
    assert again.id == deliveries[0].id
    assert again.history == ()


async def test_lists_are_filtered_and_paged(database: Database) -> None:
    await enqueue(database, 2, task="t1")
    await enqueue(database, 2, task="t2", owner="b", now=NOW + 1)
    (first, *_) = await claim(database, limit=1)
    await record(database, first, "delivered")

    async def ids(owner: str | None, **more: object) -> list[tuple[str, int]]:
        found = await database.read(lambda c: outbox.deliveries(c, owner, **more))  # type: ignore[arg-type]
        assert all(delivery.body == b"" for delivery in found)
        return [(delivery.task, delivery.position) for delivery in found]

    everything = [("t2", 1), ("t2", 0), ("t1", 1), ("t1", 0)]
    assert await ids(None) == everything
    assert await ids("a") == [("t1", 1), ("t1", 0)]
    assert await ids("") == []
    assert await ids(None, task="t2") == [("t2", 1), ("t2", 0)]
    assert await ids(None, state="delivered") == [("t1", 0)]
    page = await database.read(lambda c: outbox.deliveries(c, None, limit=3))
    assert await ids(None, before=page[-1].id) == [("t1", 0)]


async def test_old_ones_are_forgotten_and_so_are_addresses_disabled_long_ago(database: Database) -> None:
    await enqueue(database, 3)
    first, second, _ = await claim(database)
    await record(database, first, "delivered", now=NOW + 1)
    await record(database, second, "disabled", now=NOW + 5)
    assert await database.write(lambda c: outbox.tidy(c, NOW + 103, 100)) == 1
    await enqueue(database, task="t2", now=NOW + 103)
    assert await database.write(lambda c: outbox.tidy(c, NOW + 106, 100)) == 1
    await enqueue(database, task="t3", now=NOW + 107)
    left = {delivery.task: delivery.state for delivery in await database.read(lambda c: outbox.deliveries(c, None))}
    assert left == {"t1": "waiting", "t2": "disabled", "t3": "waiting"}


async def test_of_many_attempts_the_latest_are_remembered(database: Database) -> None:
    await enqueue(database)
    for number in range(REMEMBERED + 5):
        (delivery,) = await claim(database, now=NOW + number)
        await record(database, delivery, "waiting", now=NOW + number, not_before=NOW + number)
    whole = await show(database, delivery.id)
    assert whole.attempts == REMEMBERED + 5
    assert [attempt.at - NOW for attempt in whole.history] == list(range(5, REMEMBERED + 5))


async def test_replicas_that_claim_together_never_take_the_same(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """And stay within what one receiver may have, all of them together."""
    for number in range(6):
        await enqueue(database, 10, url=f"https://{number % 2}.example/", task=f"t{number}")
    other = open_database(database_url, tmp_path, TABLES, ())
    try:
        rounds = [
            claim(each, f"w{number}", limit=7, per_receiver=13) for number in range(5) for each in (database, other)
        ]
        taken = [delivery for deliveries in await asyncio.gather(*rounds) for delivery in deliveries]
    finally:
        await other.close()
    assert len({delivery.id for delivery in taken}) == len(taken) == 26
    assert sorted(delivery.url for delivery in taken) == ["https://0.example/"] * 13 + ["https://1.example/"] * 13


async def test_disabling_and_replaying_at_once_ends_well(database: Database) -> None:
    """They lock the same rows; a deadlock would be tried again."""
    await enqueue(database, 20)
    deliveries = await claim(database, limit=20, per_receiver=20)

    async def replay(delivery: WebhookDelivery) -> bool:
        return await database.write(lambda c: outbox.replay(c, None, delivery.id, NOW)) is not None

    assert all(
        await asyncio.gather(
            *(record(database, delivery, "disabled") for delivery in deliveries),
            *(replay(delivery) for delivery in deliveries),
        )
    )
