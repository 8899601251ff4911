"""What only PostgreSQL can do to us: other processes hold its locks, and it may be far away."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from maxserve.store import StoreUnavailable, postgres
from maxserve.store.open import open_database

from .conftest import TABLES

LOCK = text("SELECT pg_advisory_xact_lock(1)")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_process_that_hangs_in_a_transaction_keeps_no_lock(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "IDLE_MS", 300)
    hanging, other = (open_database(database_url, tmp_path, TABLES, ()) for _ in range(2))
    begun, go = threading.Event(), threading.Event()

    def hang(connection: Connection) -> None:
        connection.execute(LOCK)
        begun.set()
        go.wait(60)
        connection.execute(text("SELECT 1"))

    def lock(connection: Connection) -> str:
        connection.execute(LOCK)
        return "locked"

    hung = asyncio.create_task(hanging.write(hang))
    await asyncio.to_thread(begun.wait, 60)
    assert await other.write(lock) == "locked"
    go.set()
    with pytest.raises(StoreUnavailable):
        await hung
    assert await hanging.write(lock) == "locked"  # and it goes on by a new connection
    await hanging.close()
    await other.close()
