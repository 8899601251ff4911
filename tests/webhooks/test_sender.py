"""The sender with real receivers, on both databases: retries, replicas, a process that dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection
from standardwebhooks import Webhook

from maxserve.store import StoreUnavailable
from maxserve.store.database import Database
from maxserve.store.open import open_database
from maxserve.webhooks import WebhookSettings, outbox
from maxserve.webhooks.delivery import DeliveryState, WebhookDelivery
from maxserve.webhooks.sender import WebhookSender
from maxserve.webhooks.url_guard import UrlGuard
from tests.support.receiver import Receiver, answer, receiving
from tests.support.tables import TABLES

T = TypeVar("T")
BODY = '{"taskType":"textInference","text":"grün"}'.encode()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Clock:
    """Real time, shifted: a test lets hours pass at once."""

    def __init__(self) -> None:
        self.shift = 0.0

    def __call__(self) -> float:
        return time.time() + self.shift


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@asynccontextmanager
async def sending(
    database: Database, clock: Callable[[], float] | None = None, **more: Any
) -> AsyncIterator[WebhookSender]:
    options = {name: more.pop(name) for name in ("lease_s", "guard") if name in more}
    guard = options.pop("guard", UrlGuard(["loopback"]))
    sender = WebhookSender(database, WebhookSettings(**more), guard=guard, clock=clock, poll_s=0.02, **options)
    sender.start()
    sender.start()
    try:
        yield sender
    finally:
        await sender.close()


async def enqueue(database: Database, url: str, *bodies: bytes, owner: str = "a", now: float | None = None) -> None:
    await database.write(
        lambda c: outbox.enqueue(c, owner, "t1", url, bodies or (BODY,), time.time() if now is None else now)
    )


async def settled(database: Database, state: DeliveryState = "delivered", count: int = 1) -> list[WebhookDelivery]:
    """Wait until so many deliveries are in this state and return them with everything, the first one first."""
    async with asyncio.timeout(40):
        while True:
            found = await database.read(lambda c: outbox.deliveries(c, None, state=state))
            if len(found) >= count:
                whole = [await database.read(lambda c, it=delivery: outbox.show(c, None, it.id)) for delivery in found]
                return [delivery for delivery in reversed(whole) if delivery is not None]
            await asyncio.sleep(0.02)


async def test_a_result_is_sent_once_signed_and_noted(database: Database, receiver: Receiver) -> None:
    async with sending(database, secrets=(SECRET,)) as sender:
        await enqueue(database, f"{receiver.url}/in?token=x", BODY, b"{}")
        sender.wake()
        first, second = await settled(database, count=2)
    assert {request.body for request in receiver.requests} == {BODY, b"{}"}
    assert {request.id for request in receiver.requests} == {first.id, second.id}
    for request in receiver.requests:
        assert request.path == "/in?token=x"
        Webhook(SECRET).verify(request.body, request.headers)
    assert (first.status, first.attempts, len(first.history), first.reason) == (200, 1, 1, None)
    assert abs(first.history[0].at - time.time()) < 60


async def test_a_failure_is_tried_again_with_the_same_id_and_the_same_bytes(
    database: Database, receiver: Receiver
) -> None:
    receiver.answers = [
        answer(500),
        answer(302, location=f"{receiver.url}/else"),
        b"nonsense\r\n\r\n",
        answer(429, retry_after="1"),
    ]
    async with sending(database, secrets=(SECRET,)) as sender:
        await enqueue(database, receiver.url)
        sender.wake()
        (delivery,) = await settled(database)
    assert len(receiver.requests) == 5
    assert {request.id for request in receiver.requests} == {delivery.id}
    assert {request.body for request in receiver.requests} == {BODY}
    assert [attempt.status for attempt in delivery.history] == [500, 302, None, 429, 200]
    assert [attempt.reason for attempt in delivery.history] == [
        "The receiver answered 500.",
        "The receiver answered 302: redirects are not followed.",
        "The answer is not HTTP.",
        "The receiver answered 429.",
        "",
    ]
    gaps = [later.at - one.at for one, later in zip(delivery.history, delivery.history[1:], strict=False)]
    for gap, least in zip(gaps, (0.2, 0.4, 0.8, 1.6), strict=True):  # the schedule's steps are longer than the wish
        assert gap >= least
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, request.headers)


async def test_the_last_failure_is_final_and_a_replay_begins_anew(database: Database, receiver: Receiver) -> None:
    receiver.answers = [answer(500), answer(503), answer(404)]
    async with sending(database, attempts=2) as sender:
        await enqueue(database, receiver.url)
        (delivery,) = await settled(database, "failed")
        assert (delivery.attempts, delivery.status, delivery.reason) == (2, 503, "The receiver answered 503.")
        await database.write(lambda c: outbox.replay(c, "a", delivery.id, time.time()))
        sender.wake()
        (again,) = await settled(database)
    assert again.id == delivery.id
    assert [attempt.status for attempt in again.history] == [500, 503, 404, 200]
    assert again.attempts == 2
    assert len({request.id for request in receiver.requests}) == 1


async def test_410_ends_it_and_no_later_result_is_sent_there(database: Database, receiver: Receiver) -> None:
    receiver.otherwise = answer(410)
    async with sending(database):
        await enqueue(database, receiver.url)
        (delivery,) = await settled(database, "disabled")
        assert (delivery.status, delivery.reason, delivery.attempts) == (410, outbox.GONE, 1)
        await enqueue(database, receiver.url)
        await settled(database, "disabled", 2)
    assert len(receiver.requests) == 1


async def test_a_wish_for_later_is_kept_and_the_long_schedule_waits_hours(
    database: Database, receiver: Receiver
) -> None:
    receiver.answers = [answer(503, retry_after="600"), *[answer(500)] * 16]
    clock = Clock()
    pauses = []
    async with sending(database, clock, schedule="long"):
        await enqueue(database, receiver.url, now=clock())
        for number in range(1, 18):
            await receiver.received(number)
            delivery = await waiting_again(database, number)
            pauses.append(delivery.not_before - delivery.history[-1].at)
            clock.shift += pauses[-1]
        (delivery,) = await settled(database)
    assert delivery.attempts == 18
    assert 599 < pauses[0] < 601
    assert 9.5 < pauses[-3] / 3600 < 14.5
    assert 2.4 * 86_400 < sum(pauses) < 3.6 * 86_400
    assert len({request.id for request in receiver.requests}) == 1


async def waiting_again(database: Database, attempts: int) -> WebhookDelivery:
    async with asyncio.timeout(40):
        while True:
            for delivery in await database.read(lambda c: outbox.deliveries(c, None)):
                if delivery.attempts == attempts:
                    return delivery
            await asyncio.sleep(0.01)


async def test_an_address_that_is_not_allowed_is_never_called(database: Database, receiver: Receiver) -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        return ("10.0.0.1",)

    async with sending(database, attempts=2, guard=UrlGuard(lookup=lookup)):
        await enqueue(database, f"http://127.0.0.1:{receiver.port}/")
        (delivery,) = await settled(database, "failed")
        assert (delivery.attempts, delivery.reason) == (
            1,
            "A webhook may not go to 127.0.0.1, which is a loopback address.",
        )
        await enqueue(database, f"http://hooks.example.com:{receiver.port}/")
        _, later = await settled(database, "failed", 2)
        assert later.attempts == 2
        assert later.reason == "hooks.example.com leads to a private address, where webhooks may not go."
    assert not receiver.requests


async def test_a_receiver_that_hangs_holds_few_places_and_the_others_go_on(
    database: Database, receiver: Receiver
) -> None:
    async with receiving() as slow:
        slow.otherwise = slow.silence
        async with sending(database, concurrency=8, timeout_s=30.0):
            await enqueue(database, slow.url, *[BODY] * 20)
            await slow.received(2)
            await enqueue(database, receiver.url, *[BODY] * 20)
            await settled(database, count=20)
            assert slow.open == 2
            assert receiver.most_open <= 2
            slow.over.set()


async def test_two_replicas_share_the_work_and_send_nothing_twice(
    database: Database, database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    other = open_database(database_url, tmp_path, TABLES, ())
    try:
        async with sending(database), sending(other):
            for number in range(10):
                await enqueue(database, receiver.url, *[b"%d" % (number * 5 + at) for at in range(5)])
            await settled(database, count=50)
    finally:
        await other.close()
    assert sorted(int(request.body) for request in receiver.requests) == list(range(50))
    assert len({request.id for request in receiver.requests}) == 50


PROGRAM = """
import asyncio, sys
from pathlib import Path
from maxserve.store.open import open_database
from maxserve.webhooks import WebhookSettings
from maxserve.webhooks.url_guard import UrlGuard
from maxserve.webhooks.sender import WebhookSender
from tests.support.tables import TABLES

async def main():
    database = open_database(sys.argv[1], Path("."), TABLES, ())
    sender = WebhookSender(database, WebhookSettings(), guard=UrlGuard(["loopback"]), lease_s=1.0)
    sender.start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize(("point", "requests"), [("delivering", 1), ("delivery", 2), ("delivered", 2)])
async def test_a_process_that_is_killed_is_taken_over_from_under_the_same_id(
    database: Database, database_url: str, receiver: Receiver, point: str, requests: int
) -> None:
    """Sent, but not noted: at least once means twice here, and the receiver can tell by the id."""
    await enqueue(database, receiver.url)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, database_url, env=os.environ | {"MAXSERVE_TASKS_KILL": point}
    )
    assert await asyncio.wait_for(killed.wait(), 60) == -signal.SIGKILL
    (delivery,) = await database.read(lambda c: outbox.deliveries(c, None))
    assert (delivery.state, delivery.attempts, delivery.lease_until is not None) == ("waiting", 0, True)
    async with sending(database):
        (whole,) = await settled(database)
        await receiver.received(requests)
    assert len(receiver.requests) == requests
    assert {(request.id, request.body) for request in receiver.requests} == {(delivery.id, BODY)}
    assert [attempt.reason for attempt in whole.history] == [outbox.INTERRUPTED, ""]


async def test_a_replica_that_comes_back_too_late_changes_nothing(database: Database, receiver: Receiver) -> None:
    """Its lease is over while its request still runs; the other one's outcome stands."""
    receiver.answers = [receiver.silence]
    async with sending(database, lease_s=0.3, timeout_s=30.0):
        await enqueue(database, receiver.url)
        await receiver.received(1)
        async with sending(database):
            (delivery,) = await settled(database)
            receiver.over.set()
    assert delivery.attempts == 1
    assert (await settled(database))[0].history == delivery.history


class Flaky(Database):
    """A database that can be taken away; `missed` is set once it was asked for five times meanwhile."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.away = False
        self.missed = asyncio.Event()
        self._refused = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        self._check()
        return await self.real.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        self._check()
        return await self.real.read(work)

    async def close(self) -> None:
        await self.real.close()

    def _check(self) -> None:
        if self.away:
            self._refused += 1
            if self._refused == 5:
                self.missed.set()
            raise StoreUnavailable("The database cannot be used: it is away.")


async def test_a_database_that_is_away_for_a_while_loses_nothing(
    database: Database, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    flaky = Flaky(database)
    async with sending(flaky) as sender:

        async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            flaky.away = True
            writer.write(answer(200))

        receiver.answers = [leave]
        await enqueue(database, receiver.url)
        sender.wake()
        await receiver.received(1)
        await asyncio.wait_for(flaky.missed.wait(), 30)
        flaky.away = False
        (delivery,) = await settled(database)
        assert delivery.attempts == 1
        await enqueue(database, receiver.url)
        await settled(database, count=2)
    assert len(receiver.requests) == 2
    assert sum("database unavailable, webhooks wait" in record.message for record in caplog.records) == 1


async def test_closing_lets_requests_end_and_gives_the_others_back(database: Database, receiver: Receiver) -> None:
    async def slowly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer(200))

    receiver.answers = [slowly]
    sender = WebhookSender(database, WebhookSettings(), guard=UrlGuard(["loopback"]), poll_s=0.02)
    sender.start()
    await enqueue(database, receiver.url)
    await receiver.received(1)
    await sender.close()
    assert len(await settled(database)) == 1

    receiver.answers = [receiver.silence]
    sender = WebhookSender(database, WebhookSettings(timeout_s=30.0), guard=UrlGuard(["loopback"]), poll_s=0.02)
    sender.start()
    await enqueue(database, receiver.url)
    await receiver.received(2)
    await sender.close(0.05)
    await sender.close()
    (delivery,) = await database.read(lambda c: outbox.deliveries(c, None, state="waiting"))
    assert (delivery.worker, delivery.lease_until, delivery.attempts) == (None, None, 0)
    async with sending(database):
        await settled(database, count=2)


class Counting(Flaky):
    """Counts what is asked of it; `looked` is set at the fourth read."""

    def __init__(self, real: Database) -> None:
        super().__init__(real)
        self.reads = self.writes = 0
        self.looked = asyncio.Event()

    async def write(self, work: Callable[[Connection], T]) -> T:
        self.writes += 1
        return await super().write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        self.reads += 1
        if self.reads == 4:
            self.looked.set()
        return await super().read(work)


async def test_an_idle_sender_only_looks_now_and_then(database: Database) -> None:
    counted = Counting(database)
    sender = WebhookSender(counted, WebhookSettings(), guard=UrlGuard(), poll_s=0.1)
    began = time.monotonic()
    sender.start()
    await asyncio.wait_for(counted.looked.wait(), 30)
    assert time.monotonic() - began >= 0.3
    await sender.close()
    assert counted.writes == 0
