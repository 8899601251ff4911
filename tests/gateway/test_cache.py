"""Cached answers: whose they are, how long they live, how much room they take."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from maxserve.gateway.cache import cache_key, keep, look_up, touch
from maxserve.gateway.record import Cached
from maxserve.gateway.tables import CACHE
from maxserve.store.database import Database

NOW = 1_795_000_000.0
BASE = {"account": "a", "gateway": "g", "path": "/p", "model": "m", "mask": False, "body": b"{}"}


def answer(size: int = 10) -> Cached:
    return Cached(b"x" * size, "application/json", "demo-m2")


async def put(database: Database, key: str, size: int = 10, now: float = NOW, room: int = 1000) -> None:
    await database.write(lambda c: keep(c, key, answer(size), account="a", gateway="g", now=now, ttl=60, room=room))


async def get(database: Database, key: str, now: float = NOW) -> Cached | None:
    return await database.read(lambda c: look_up(c, key, now))


@pytest.mark.parametrize(
    "change",
    [
        {"account": "b"}, {"gateway": "h"}, {"path": "/q"}, {"model": "n"}, {"mask": True}, {"body": b"{ }"},
        {"override": "k"}, {"account": "ag", "gateway": ""}, {"form": "enveloped"},
    ],
)  # fmt: skip
def test_a_key_depends_on_everything_that_matters(change: dict[str, object]) -> None:
    assert cache_key(**{**BASE, **change}) != cache_key(**BASE)  # type: ignore[arg-type]


def test_a_callers_own_key_stands_for_the_request_but_not_for_whose_it_is() -> None:
    one = cache_key(**BASE, override="k")  # type: ignore[arg-type]
    assert cache_key(**{**BASE, "body": b"other", "model": "n", "path": "/q"}, override="k") == one  # type: ignore[arg-type]
    for change in ({"account": "b"}, {"gateway": "h"}, {"mask": True}):
        assert cache_key(**{**BASE, **change}, override="k") != one  # type: ignore[arg-type]


async def test_an_answer_comes_back_as_it_was_until_its_time_is_over(database: Database) -> None:
    assert await get(database, "k") is None
    await put(database, "k")
    assert await get(database, "k", NOW + 59.9) == answer()
    assert await get(database, "k", NOW + 60) is None
    await put(database, "k", 20, NOW + 61)
    assert await get(database, "k", NOW + 62) == answer(20)


async def test_what_was_longest_unused_goes_first(database: Database) -> None:
    for number, key in enumerate("abc"):
        await put(database, key, 300, NOW + number)
    await database.write(lambda c: touch(c, "a", NOW + 5))
    await put(database, "d", 300, NOW + 6)
    kept = {key for key in "abcd" if await get(database, key, NOW + 7)}
    assert kept == {"a", "c", "d"}
    total = await database.read(lambda c: c.execute(select(func.sum(CACHE.c.size))).scalar_one())
    assert total <= 1000


async def test_what_is_larger_than_the_room_is_not_kept(database: Database) -> None:
    await put(database, "a", 400)
    await put(database, "b", 1001)
    assert await get(database, "b") is None
    assert await get(database, "a") == answer(400)
