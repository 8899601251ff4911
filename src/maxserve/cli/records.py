"""The database of the configuration, opened for a command; whether a server runs on it makes no difference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import Config
from ..store import StoreError
from ..store.default_path import default_file
from .failure import Failure

if TYPE_CHECKING:
    from ..store.database import Database


@asynccontextmanager
async def records(config: Config) -> AsyncIterator[Database]:
    """Open the database for as long as the block runs; raises `Failure` where there is none or it cannot be used."""
    from ..server.migrations import MIGRATIONS, TABLES
    from ..store.open import open_database

    _refuse_missing(config)
    try:
        database = open_database(config.store.url, config.data_dir, TABLES, MIGRATIONS)
        try:
            yield database
        finally:
            await database.close()
    except StoreError as error:
        raise Failure(str(error)) from error


def only(found: Sequence[str], kind: str, beginning: str) -> str:
    """Return the one id that begins so; raises `Failure` where there is none, or more than one."""
    if not found:
        raise Failure(f"There is no {kind} whose id begins with {beginning}.")
    different = list(dict.fromkeys(found))
    if len(different) > 1:
        names = ", ".join(different[:4]) + (", …" if len(different) > 4 else "")
        raise Failure(f"Several {kind}s have an id that begins with {beginning}: {names}. Write more of it.")
    if len(found) > 1:
        raise Failure(f"Several keys have a {kind} {found[0]}: say which one's with --key.")
    return found[0]


def _refuse_missing(config: Config) -> None:
    """Looking must not make a database; raises `Failure` where its file is not there."""
    path: Path | None = default_file(config.data_dir)
    if config.store.url is not None:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(config.store.url)
        except ArgumentError:
            return  # opening it says what is wrong
        path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    if path is not None and not path.exists():
        raise Failure(f"There is no database yet at {path}: no task was ever accepted there.")
