"""The tables of webhooks."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

TABLES = MetaData()

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
