"""What the store promises, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from maxserve.store import StoreError, StoreUnavailable
from maxserve.store.database import Database
from maxserve.store.open import open_database

from .conftest import NOTES, TABLES


def add(id: int, note: str = "x"):  # type: ignore[no-untyped-def]
    def work(connection: Connection) -> int:
        connection.execute(insert(NOTES).values(id=id, text=note))
        return id

    return work


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(NOTES)).scalar_one()


async def test_what_is_written_is_there_for_another_process(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    assert await database.write(add(1, "grün")) == 1
    other = open_database(database_url, tmp_path, TABLES, ())
    try:
        assert await other.read(lambda c: c.execute(select(NOTES.c.text)).scalar_one()) == "grün"
    finally:
        await other.close()


async def test_many_writes_at_once_are_each_their_own(database: Database) -> None:
    """The odd ones fail on a key that exists; the others must not notice."""
    await database.write(add(0))
    outcomes = await asyncio.gather(
        *(database.write(add(0 if i % 2 else i)) for i in range(2, 402)), return_exceptions=True
    )
    assert [isinstance(outcome, IntegrityError) for outcome in outcomes] == [bool(i % 2) for i in range(2, 402)]
    assert await database.read(count) == 201


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        add(1)(connection)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await database.write(work)
    assert await database.read(count) == 0
    await database.write(add(1))
    assert await database.read(count) == 1


async def test_a_write_is_made_though_its_caller_goes_away(database: Database) -> None:
    task = asyncio.create_task(database.write(add(7)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(add(8))  # on SQLite behind it in the queue
    if (seen := await database.read(count)) == 1:
        await database.close()  # PostgreSQL's threads are independent: closing waits for all of them
    else:
        assert seen == 2


async def test_counting_under_contention_is_exact(database: Database) -> None:
    await database.write(add(1, "0"))

    def increase(connection: Connection) -> None:
        value = int(connection.execute(select(NOTES.c.text).where(NOTES.c.id == 1).with_for_update()).scalar_one())
        connection.execute(NOTES.update().where(NOTES.c.id == 1).values(text=str(value + 1)))

    await asyncio.gather(*(database.write(increase) for _ in range(200)))
    assert await database.read(lambda c: c.execute(select(NOTES.c.text)).scalar_one()) == "200"


async def test_a_commit_that_fails_leaves_nothing_and_no_other_write_behind(database: Database) -> None:
    def tables(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE orphans (id INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"))

    def uncommittable(connection: Connection) -> None:
        add(1)(connection)
        connection.execute(text("INSERT INTO orphans VALUES (1)"))  # which only the commit minds

    await database.write(tables)
    with pytest.raises((IntegrityError, StoreUnavailable)):
        await database.write(uncommittable)
    assert await database.read(count) == 0
    assert await database.write(add(1)) == 1


async def test_a_closed_database_says_so(database: Database) -> None:
    await database.write(add(1))
    await database.close()
    await database.close()
    for road in (database.write, database.read):
        with pytest.raises(StoreUnavailable, match="closed"):
            await road(count)


async def test_an_older_database_is_taken_through_the_steps(database_url: str, tmp_path: Path) -> None:
    def step(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE notes ADD COLUMN colour TEXT"))

    await open_database(database_url, tmp_path, TABLES, ()).close()
    newer = open_database(database_url, tmp_path, TABLES, (step,))
    assert await newer.read(lambda c: c.execute(text("SELECT colour FROM notes")).all()) == []
    await newer.close()
    await open_database(database_url, tmp_path, TABLES, (step,)).close()  # and not a second time
    with pytest.raises(StoreError, match="later maxserve: version 1, and this maxserve knows 0"):
        open_database(database_url, tmp_path, TABLES, ())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("mysql://host/name", "must be SQLite or PostgreSQL, not mysql"),
        ("nonsense", "sqlite:///FILE or postgresql://"),
        ("postgresql://127.0.0.1:1/none", "cannot be opened"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
    ],
)
def test_addresses_that_lead_nowhere(wrong: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=said):
        open_database(wrong, tmp_path, MetaData(), ())


async def test_the_default_lives_in_the_data_directory(tmp_path: Path) -> None:
    await open_database(None, tmp_path / "new", TABLES, ()).close()
    file = tmp_path / "new" / "maxserve.db"
    assert file.stat().st_mode & 0o777 == 0o600
