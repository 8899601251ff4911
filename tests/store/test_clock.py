"""Whose clock counts."""

from __future__ import annotations

import time

from maxserve.store.clock import clock
from maxserve.store.database import Database


async def test_time_is_the_same_wherever_it_is_read(database: Database) -> None:
    before = time.time()
    read = await database.read(clock())
    assert before - 0.001 <= read <= time.time() + 0.001  # one machine here: the clocks are one, too
    assert await database.read(clock(lambda: 5.0)) == 5.0


async def test_time_goes_on_within_a_transaction(database: Database) -> None:
    now = clock()
    times = await database.write(lambda connection: [now(connection) for _ in range(10)])
    assert times == sorted(times)
    assert times[0] < times[-1]
