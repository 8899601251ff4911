"""Limits over time: never exceeded, exact under contention, and honest about when to come back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, func, select

from maxserve.gateway.record import Hold
from maxserve.gateway.tables import TABLES, WINDOWS
from maxserve.gateway.window import Exceeded, Window, settle, sweep, take, used
from maxserve.store.database import Database

NOW = 1_795_000_000.0


def memory() -> Connection:
    connection = create_engine("sqlite://").connect()
    TABLES.create_all(connection)
    return connection


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    limit=st.integers(1, 8),
    seconds=st.sampled_from([1.0, 7.3, 60.0]),
    technique=st.sampled_from(["fixed", "sliding"]),
    gaps=st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
def test_no_window_holds_more_than_the_limit(limit: int, seconds: float, technique: str, gaps: list[float]) -> None:
    window = Window(limit, seconds, technique)  # type: ignore[arg-type]
    now, taken = NOW, []
    with memory() as connection:
        for gap in gaps:
            now += gap
            try:
                take(connection, "x", window, now)
                taken.append(now)
            except Exceeded as error:
                told = error.retry_after
                # Coming back when told is enough.
                with connection.begin_nested() as trial:
                    take(connection, "x", window, now + told)
                    trial.rollback()
    for at in taken:
        if technique == "sliding":
            assert sum(at - seconds < other <= at for other in taken) <= limit
        else:
            length = round(seconds * 1000)
            assert sum(int(other * 1000) // length == int(at * 1000) // length for other in taken) <= limit


def test_a_full_window_lets_in_again_after_its_time() -> None:
    with memory() as connection:
        for technique in ("fixed", "sliding"):
            window = Window(2, 10, technique)  # type: ignore[arg-type]
            start = NOW - NOW % 10
            take(connection, technique, window, start)
            take(connection, technique, window, start + 9)
            with pytest.raises(Exceeded):
                take(connection, technique, window, start + 9.5)
            take(connection, technique, window, start + 10.5)


def test_what_is_held_counts_until_it_is_settled() -> None:
    with memory() as connection:
        window = Window(100, 60)
        hold = take(connection, "x", window, NOW, 80, hold=True)
        assert used(connection, "x", NOW) == 80
        with pytest.raises(Exceeded):
            take(connection, "x", window, NOW, 21)
        settle(connection, hold, 5)
        assert used(connection, "x", NOW) == 5
        take(connection, "x", window, NOW, 95)


def test_scopes_do_not_touch_each_other_and_old_slices_are_swept() -> None:
    with memory() as connection:
        window = Window(1, 10, "sliding")
        take(connection, "a", window, NOW)
        take(connection, "b", window, NOW)
        sweep(connection, NOW + 5)
        assert connection.execute(select(func.count()).select_from(WINDOWS)).scalar_one() == 2
        sweep(connection, NOW + 11)
        assert connection.execute(select(func.count()).select_from(WINDOWS)).scalar_one() == 0


@pytest.mark.parametrize("technique", ["fixed", "sliding"])
async def test_two_hundred_at_once_never_pass_the_limit(database: Database, tmp_path: Path, technique: str) -> None:
    window = Window(50, 3600, technique)  # type: ignore[arg-type]

    async def one() -> Hold | Exceeded:
        try:
            return await database.write(lambda c: take(c, "x", window, NOW, hold=True))
        except Exceeded as error:
            return error

    outcomes = await asyncio.gather(*(one() for _ in range(200)))
    holds = [outcome for outcome in outcomes if isinstance(outcome, Hold)]
    assert (len(holds), len(outcomes)) == (50, 200)
    await asyncio.gather(*(database.write(lambda c, hold=hold: settle(c, hold, 2)) for hold in holds))
    assert await database.read(lambda c: used(c, "x", NOW)) == 100
