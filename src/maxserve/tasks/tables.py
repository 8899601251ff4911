"""The tables of durable work."""

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

DELIVERIES = Table(
    "webhook_deliveries",
    TABLES,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("task", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("finished_at", Float),
    Column("attempts", Integer, nullable=False),
    Column("worker", String),
    Column("lease_until", Float),
    Column("status", Integer),
    Column("reason", Text),
    Column("history", Text, nullable=False),
    # Holds all that a claim looks at: of a receiver that is behind, many rows are passed over.
    Index("webhook_deliveries_next", "state", "not_before", "id", "lease_until", "origin"),
    Index("webhook_deliveries_leased", "lease_until"),
    Index("webhook_deliveries_owner", "owner", "id"),
    Index("webhook_deliveries_task", "task"),
    Index("webhook_deliveries_finished", "finished_at"),
)
"""The outbox: one row per request to a webhook, written together with the result that it tells of. `state` is
"waiting", "delivered", "failed" or "disabled"; `origin` the address up to its path, which says who the receiver is;
`history` a JSON array of the latest attempts."""

ENDPOINTS = Table(
    "webhook_endpoints",
    TABLES,
    Column("owner", String, primary_key=True),
    Column("url", String, primary_key=True),
    Column("disabled_at", Float, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Addresses that are not called any more: they answered 410."""
