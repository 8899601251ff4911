"""Both databases, with the tables of durable work."""

from __future__ import annotations

from tests.tasks.conftest import database

__all__ = ["database"]
