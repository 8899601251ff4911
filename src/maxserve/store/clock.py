"""The clock that all processes on one database share."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, text

Now = Callable[[Connection], float]
"""Returns Unix time in seconds; call it inside the transaction that compares with it."""


def clock(injected: Callable[[], float] | None = None) -> Now:
    """Return PostgreSQL's own clock, as the clocks of replicas differ, and this machine's on SQLite.

    `injected` is used instead of both: a test's.
    """
    if injected is not None:
        return lambda connection: injected()
    return _now


def _now(connection: Connection) -> float:
    if connection.dialect.name == "postgresql":
        # Not now(): that is when the transaction began, and it may have waited for a lock since.
        return float(connection.execute(_POSTGRES).scalar_one())
    return time.time()


_POSTGRES = text("SELECT extract(epoch FROM clock_timestamp())::float8")
