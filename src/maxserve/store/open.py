"""Opens the database that an address names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import MetaData, make_url
from sqlalchemy.exc import ArgumentError

from .database import Database
from .default_path import default_file
from .errors import StoreError
from .migration import Migration
from .sqlite import SQLite


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
        return SQLite(parsed, tables, migrations)
    if backend in ("postgresql", "postgres"):
        try:
            from .postgres import Postgres
        except ImportError as error:
            raise StoreError("PostgreSQL needs its driver: pip install 'maxserve[postgres]'.") from error
        return Postgres(parsed, tables, migrations)
    raise StoreError(f"The database must be SQLite or PostgreSQL, not {backend}.")
