"""The gateway's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

TABLES = MetaData()

WINDOWS = Table(
    "gateway_windows",
    TABLES,
    Column("scope", String, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("used", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""What was used in a slice of time, and what is held for requests at work. Times in milliseconds; `until` is when the
slice counts no longer."""

CACHE = Table(
    "gateway_cache",
    TABLES,
    Column("key", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("gateway", String, nullable=False),
    Column("stored_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content_type", String, nullable=False),
    Column("checkpoint", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("gateway_cache_age", "used_at", "size"),
)

LOGS = Table(
    "gateway_logs",
    TABLES,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("gateway", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("path", String, nullable=False),
    Column("model", String, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("custom_cost", Boolean, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("event_id", String),
    Column("request_size", Integer, nullable=False),
    Column("request_content_type", String, nullable=False),
    Column("response_size", Integer, nullable=False),
    Column("response_content_type", String, nullable=False),
    Column("score", Float),
    Column("feedback", Float),
    Column("request", LargeBinary),
    Column("response", LargeBinary),
    Index("gateway_logs_order", "account", "gateway", "created_at", "id"),
)
"""One row per request. `duration` in milliseconds, `cost` in US dollars, `metadata` JSON; the bodies are null where the
payload was not to be kept."""
