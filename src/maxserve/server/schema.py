"""All tables of the database, and the steps that bring an older one up to date."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData

from ..gateway.tables import TABLES as GATEWAY
from ..store.migration import Migration
from ..tasks.tables import TABLES as TASKS


def _merged(*parts: MetaData) -> MetaData:
    whole = MetaData()
    for part in parts:
        for table in part.sorted_tables:
            table.to_metadata(whole)
    return whole


def _add_tasks(connection: Connection) -> None:
    """0.1 had the gateway's tables only."""
    TASKS.create_all(connection)


TABLES = _merged(GATEWAY, TASKS)
MIGRATIONS: tuple[Migration, ...] = (_add_tasks,)
