"""Tasks that come together share a commit, and each has its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from maxserve.chat import RateLimited
from maxserve.store import StoreUnavailable
from maxserve.store.clock import clock
from maxserve.store.database import Database
from maxserve.tasks import TaskConflict
from maxserve.tasks.database_retry import RetryingDatabase
from maxserve.tasks.queries import find
from maxserve.tasks.submit_batcher import MOST, SubmitBatcher

from .works import START, Away, news


class Counted(RetryingDatabase):
    """Counts commits."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, clock(lambda: START))
        self.writes = 0

    async def write(self, step: Callable[..., Any]) -> Any:
        self.writes += 1
        return await super().write(step)


@pytest.fixture
def ledger(database: Database) -> Counted:
    return Counted(database)


async def stored(ledger: Counted, *ids: str) -> list[str]:
    found: dict[str, Any] = await ledger.read(lambda connection, now: find(connection, "key", ids))
    return sorted(found)


async def test_those_who_come_together_share_a_commit(ledger: Counted) -> None:
    intake = SubmitBatcher(ledger, 10)
    answers = await asyncio.gather(
        intake.submit([news("1"), news("2")]), intake.submit([news("1")]), intake.submit([]), intake.submit([news("3")])
    )
    assert [[type(answer) for answer in each] for each in answers] == [
        [type(None), type(None)],
        [TaskConflict],
        [],
        [type(None)],
    ]
    assert ledger.writes == 1
    assert await stored(ledger, "1", "2", "3") == ["1", "2", "3"]


async def test_a_full_queue_refuses_those_who_came_last(ledger: Counted) -> None:
    intake = SubmitBatcher(ledger, 2)
    answers = await asyncio.gather(*(intake.submit([news(str(number))]) for number in range(4)))
    assert [type(answer) for (answer,) in answers] == [type(None), type(None), RateLimited, RateLimited]


async def test_a_crowd_takes_several_commits(ledger: Counted) -> None:
    intake = SubmitBatcher(ledger, 10 * MOST)
    crowd = [[news(f"{part}-{number}") for number in range(MOST - 1)] for part in range(2)]
    answers = await asyncio.gather(*map(intake.submit, crowd))
    assert [set(each) for each in answers] == [{None}, {None}]
    assert ledger.writes == 2


async def test_what_the_database_refuses_harms_no_other(ledger: Counted) -> None:
    intake = SubmitBatcher(ledger, 10)
    wrong = msgspec.structs.replace(news("2"), model=None)
    one, two, three = await asyncio.gather(
        intake.submit([news("1")]), intake.submit([wrong]), intake.submit([news("3")]), return_exceptions=True
    )
    assert (one, three) == ([None], [None])
    assert isinstance(two, DBAPIError)
    with pytest.raises(DBAPIError):
        await intake.submit([wrong])
    assert await stored(ledger, "1", "2", "3") == ["1", "3"]


async def test_who_goes_away_leaves_the_task(ledger: Counted) -> None:
    intake = SubmitBatcher(ledger, 10)
    gone = asyncio.create_task(intake.submit([news("1")]))
    stays = asyncio.create_task(intake.submit([news("2")]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == [None]
    assert await stored(ledger, "1", "2") == ["1", "2"]


async def test_nothing_is_acknowledged_while_the_database_is_away(database: Database) -> None:
    away = Away(database)
    ledger = Counted(away)
    intake = SubmitBatcher(ledger, 10)
    away.away = True
    found = await asyncio.gather(*(intake.submit([news(one)]) for one in "12"), return_exceptions=True)
    assert [type(error) for error in found] == [StoreUnavailable] * 2
    away.away = False
    assert await intake.submit([news("1")]) == [None]
