"""The table of durable tasks."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

TABLES = MetaData()

TASKS = Table(
    "tasks",
    TABLES,
    Column("owner", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("delivery", String, nullable=False),
    Column("direct", Boolean, nullable=False, default=False),
    Column("state", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("model", String, nullable=False),
    Column("webhook", Text),
    Column("session", String),
    Column("created_at", Float, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("delivered_at", Float),
    Column("attempts", Integer, nullable=False),
    Column("takeovers", Integer, nullable=False),
    Column("worker", String),
    Column("lease_until", Float),
    Column("progress", Integer),
    Column("cancelling", Boolean, nullable=False),
    Column("expired", Boolean, nullable=False),
    Column("results", LargeBinary),
    Column("error", LargeBinary),
    Column("error_code", String),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Index("tasks_next", "state", "not_before", "created_at", "owner"),
    Index("tasks_state", "owner", "state"),
    Index("tasks_owner", "owner", "created_at"),
    Index("tasks_session", "session"),
    Index("tasks_finished", "expired", "finished_at"),
)
"""One row per task; `results` is a JSON array of its results. `direct` ones run for the request that brought them, not
from the queue; `worker` is another with each beginning, so that one that lost its task cannot end it."""
