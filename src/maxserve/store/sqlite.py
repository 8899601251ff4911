"""SQLite: one writer thread with group commit, a few readers beside it.

A commit waits for the disk, so writes that come together share one: the writer takes all that wait, runs each inside a
savepoint of one transaction, commits once and only then tells them. Readers never wait for the writer (WAL).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from .database import Database
from .errors import StoreError, StoreUnavailable
from .migration import Migration, TooNew, migrate

T = TypeVar("T")

BATCH = 256
"""Writes that share one commit at most."""
READERS = 4
BUSY_MS = 10_000
"""How long to wait for another process that holds the file, such as the command line."""


class _Job(NamedTuple):
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    value: Any
    error: BaseException | None


class SQLite(Database):
    """One file; every process that opens it sees the same."""

    def __init__(self, url: URL, tables: MetaData, migrations: Sequence[Migration]) -> None:
        _create_private(url)
        self._writing = _engine(url, "BEGIN IMMEDIATE", NullPool)
        self._reading = _engine(url, "BEGIN", QueuePool, pool_size=READERS, max_overflow=0)
        try:
            with self._writing.begin() as connection:
                migrate(connection, tables, migrations)
        except TooNew as error:
            raise StoreError(f"The database {url.database} is of a later maxserve: {error}.") from error
        except (DBAPIError, sqlite3.Error) as error:
            raise StoreError(f"The database {url.database} cannot be opened: {_reason(error)}.") from error
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._writer = threading.Thread(target=self._write_on, name="maxserve-store-writer", daemon=True)
        self._writer.start()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="maxserve-store-reader")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and commit."""
        if self._closed:
            raise StoreUnavailable("The database is closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, future))
        # A caller that goes away must not leave a write half told: it is made all the same.
        return await asyncio.shield(future)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads."""
        if self._closed:
            raise StoreUnavailable("The database is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        """Finish the writes at work and close the file."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._writer.join)
        await loop.run_in_executor(None, self._readers.shutdown)
        self._reading.dispose()
        self._writing.dispose()

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reading.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise StoreUnavailable(f"The database cannot be read: {_reason(error)}.") from error

    def _write_on(self) -> None:
        with self._writing.connect() as connection:
            while (jobs := self._next()) is not None:
                tell(self._commit(connection, jobs), jobs[0].loop)

    def _next(self) -> list[_Job] | None:
        """Wait for a write and take all that wait with it; None at the end."""
        job = self._jobs.get()
        if job is None:
            return None
        jobs = [job]
        with contextlib.suppress(queue.Empty):
            while len(jobs) < BATCH:
                job = self._jobs.get_nowait()
                if job is None:
                    self._jobs.put(None)
                    break
                jobs.append(job)
        return jobs

    @staticmethod
    def _commit(connection: Connection, jobs: Sequence[_Job]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            with connection.begin():
                for job in jobs:
                    try:
                        with connection.begin_nested():
                            value = job.work(connection)
                    except DBAPIError as error:
                        if error.connection_invalidated or isinstance(error.orig, sqlite3.OperationalError):
                            raise
                        outcomes.append(_Outcome(job.future, None, error))
                    except Exception as error:
                        outcomes.append(_Outcome(job.future, None, error))
                    else:
                        outcomes.append(_Outcome(job.future, value, None))
        except DBAPIError as error:
            # The file as a whole could not be written: nothing of the batch was kept. Where it was the commit that
            # failed, SQLite leaves the transaction open, and no other could be begun.
            with contextlib.suppress(DBAPIError, sqlite3.Error):
                cast("sqlite3.Connection", connection.connection.driver_connection).rollback()
            lost = StoreUnavailable(f"The database cannot be written: {_reason(error)}.")
            lost.__cause__ = error
            return [_Outcome(job.future, None, lost) for job in jobs]
        return outcomes


def _create_private(url: URL) -> None:
    """Create the file where there is none, for its owner alone: prompts may be in it. SQLite's side files follow it."""
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        with contextlib.suppress(OSError):  # what is wrong with the place is said when the file is opened
            os.close(os.open(url.database, os.O_CREAT, 0o600))


def tell(outcomes: Sequence[_Outcome], loop: asyncio.AbstractEventLoop) -> None:
    """Hand outcomes to those who wait, all at once; a loop that has ended waits for nothing."""

    def settle() -> None:
        for outcome in outcomes:
            if outcome.future.done():
                continue
            if outcome.error is not None:
                outcome.future.set_exception(outcome.error)
            else:
                outcome.future.set_result(outcome.value)

    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)


def _engine(url: URL, begin: str, pool: type[Any], **settings: Any) -> Engine:
    engine = create_engine(url, poolclass=pool, connect_args={"check_same_thread": False}, **settings)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        # Transactions are begun here, by the statement that says how; the driver would begin them late.
        cast("sqlite3.Connection", connection).isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _reason(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).rstrip(".")
