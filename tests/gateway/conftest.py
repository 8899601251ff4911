"""Both databases, with the gateway's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maxserve.gateway.tables import TABLES
from maxserve.store.database import Database
from maxserve.store.open import open_database


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(database_url, tmp_path, TABLES, ())
    yield opened
    await opened.close()
