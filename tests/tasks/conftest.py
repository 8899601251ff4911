"""Both databases, with the tables of durable work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maxserve.store.database import Database
from maxserve.store.open import open_database
from tests.support.tables import TABLES


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(database_url, tmp_path, TABLES, ())
    yield opened
    await opened.close()
