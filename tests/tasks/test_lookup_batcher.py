"""Polls that come together are one read, and none is answered from before it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from maxserve.store import StoreUnavailable
from maxserve.store.clock import clock
from maxserve.store.database import Database
from maxserve.tasks import queue
from maxserve.tasks.database_retry import RetryingDatabase
from maxserve.tasks.lookup_batcher import LookupBatcher

from .works import START, Away, news


class Counted(RetryingDatabase):
    """Counts reads; each waits until it is let go."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, clock(lambda: START))
        self.reads = 0
        self.begun = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def read(self, step: Callable[..., Any]) -> Any:
        self.reads += 1
        self.begun.set()
        found = await super().read(step)
        await self.go.wait()
        return found


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Counted]:
    made = Counted(database)
    await made.write(lambda connection, now: queue.submit(connection, [news("1"), news("2")], now, 10))
    yield made
    made.go.set()


async def test_those_who_ask_together_share_a_read(ledger: Counted) -> None:
    finder = LookupBatcher(ledger)
    found = await asyncio.gather(
        finder.find("key", ["1"]), finder.find("key", ["2", "3"]), finder.find("other", ["1"]), finder.find("key", [])
    )
    assert [sorted(tasks) for tasks in found] == [["1"], ["2"], [], []]
    assert found[1]["2"].id == "2"
    assert ledger.reads == 1


async def test_who_asks_while_a_read_is_under_way_gets_a_newer_one(ledger: Counted) -> None:
    finder = LookupBatcher(ledger)
    ledger.go.clear()
    early = asyncio.create_task(finder.find("key", ["4"]))
    await ledger.begun.wait()
    await ledger.write(lambda connection, now: queue.submit(connection, [news("4")], now, 10))
    late = [asyncio.create_task(finder.find("key", ["4"])) for _ in range(5)]
    ledger.go.set()
    await early
    assert [list(tasks) for tasks in await asyncio.gather(*late)] == [["4"]] * 5
    assert ledger.reads == 2


async def test_who_goes_away_takes_nothing_from_the_others(ledger: Counted) -> None:
    finder = LookupBatcher(ledger)
    gone, stays = (asyncio.create_task(finder.find("key", ["1"])) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert list(await stays) == ["1"]
    assert gone.cancelled()


async def test_all_are_told_where_the_database_is_away(database: Database) -> None:
    away = Away(database)
    finder = LookupBatcher(RetryingDatabase(away, clock(lambda: START)))
    away.away = True
    found = await asyncio.gather(*(finder.find("key", ["1"]) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [StoreUnavailable] * 3
    away.away = False
    assert await finder.find("key", ["1"]) == {}
