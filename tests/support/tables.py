"""The tables of durable work: tasks and webhooks."""

from __future__ import annotations

from maxserve.store.tables import merge_tables
from maxserve.tasks.tables import TABLES as TASKS
from maxserve.webhooks.tables import TABLES as WEBHOOKS

TABLES = merge_tables(TASKS, WEBHOOKS)
