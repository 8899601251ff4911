"""PostgreSQL, for several replicas on one database: a pool of connections, each used from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import URL, Connection, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from .database import Database
from .errors import StoreError, StoreUnavailable
from .migration import Migration, TooNew, migrate

T = TypeVar("T")

CONNECTIONS = 8
TRIES = 5
"""How often a write is run that lost against another one."""
IDLE_MS = 10_000
"""How long a process that hangs in the middle of a transaction may keep its locks: all others may wait for them."""
_LOCK = 0x6D617873  # "maxs": whoever migrates holds it


class Postgres(Database):
    """A database that several processes share."""

    def __init__(self, url: URL, tables: MetaData, migrations: Sequence[Migration]) -> None:
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "maxserve"},
        )
        event.listen(self._engine, "connect", _connected)
        where = url.render_as_string(hide_password=True)
        try:
            with self._engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                migrate(connection, tables, migrations)
        except TooNew as error:
            self._engine.dispose()
            raise StoreError(f"The database {where} is of a later maxserve: {error}.") from error
        except DBAPIError as error:
            self._engine.dispose()
            raise StoreError(f"The database {where} cannot be opened: {_reason(error)}.") from error
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="maxserve-store")
        self._closed = False

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and commit."""
        return await self._run(self._write, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads."""
        return await self._run(self._read, work)

    async def close(self) -> None:
        """Finish what is at work and close the connections."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._engine.dispose()

    async def _run(self, run: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]) -> T:
        if self._closed:
            raise StoreUnavailable("The database is closed.")
        # A caller that goes away must not leave a write half told: it is made all the same.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, run, work))

    def _write(self, work: Callable[[Connection], T]) -> T:
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not last and isinstance(error.orig, DeadlockDetected | SerializationFailure):
                    continue
                raise _translated(error) from error
            except PoolTimeout as error:
                raise StoreUnavailable("No connection to the database became free.") from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise _translated(error) from error
        except PoolTimeout as error:
            raise StoreUnavailable("No connection to the database became free.") from error


def _connected(connection: psycopg.Connection[object], record: object) -> None:
    # By a statement: poolers in between need not know the options that a connection can be opened with.
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS:d}")
    connection.commit()


def _translated(error: DBAPIError) -> Exception:
    """Tell a database that is away from a statement that it refused."""
    if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
        return StoreUnavailable(f"The database cannot be used: {_reason(error)}.")
    return error


def _reason(error: DBAPIError) -> str:
    return str(error.orig if error.orig is not None else error).strip().splitlines()[0].rstrip(".")
