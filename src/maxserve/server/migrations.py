"""All tables of the database, and the steps that bring an older one up to date."""

from __future__ import annotations

from sqlalchemy import Connection

from ..gateway.tables import TABLES as GATEWAY
from ..store.migration import Migration
from ..store.tables import merge_tables
from ..tasks.tables import TABLES as TASKS
from ..webhooks.tables import TABLES as WEBHOOKS


def _add_tasks(connection: Connection) -> None:
    """0.1 had the gateway's tables only."""
    TASKS.create_all(connection)
    WEBHOOKS.create_all(connection)


TABLES = merge_tables(GATEWAY, TASKS, WEBHOOKS)
MIGRATIONS: tuple[Migration, ...] = (_add_tasks,)
