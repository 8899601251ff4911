"""One interface over two databases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from .default_path import default_file
from .errors import StoreError
from .migration import Migration

T = TypeVar("T")


class Database(ABC):
    """Runs functions of a connection off the event loop.

    A function given to `write` runs inside one transaction of its own: what it returns is durable when `write`
    returns, and where it raises nothing of it remains. It may run again after a conflict with another replica, so it
    must have no effect but on the database. `read` sees what was committed before it began. One event loop uses one
    `Database`.
    """

    @abstractmethod
    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and commit; raises what `work` raises, and `StoreUnavailable`."""

    @abstractmethod
    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads; raises what `work` raises, and `StoreUnavailable`."""

    @abstractmethod
    async def close(self) -> None:
        """Finish the writes at work and let go of the database; safe to call twice."""


def open_database(url: str | None, data_dir: Path, tables: MetaData, migrations: Sequence[Migration]) -> Database:
    """Open the database at `url` and bring its tables up to date; None is `maxserve.db` in the data directory.

    Blocks: call it in a thread where an event loop runs. Raises `StoreError`, with what to mend.
    """
    if url is None:
        data_dir.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{default_file(data_dir)}"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "The database's address is none: write sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        from .sqlite import SQLite

        return SQLite(parsed, tables, migrations)
    if backend in ("postgresql", "postgres"):
        try:
            from .postgres import Postgres
        except ImportError as error:
            raise StoreError("PostgreSQL needs its driver: pip install 'maxserve[postgres]'.") from error
        return Postgres(parsed, tables, migrations)
    raise StoreError(f"The database must be SQLite or PostgreSQL, not {backend}.")
