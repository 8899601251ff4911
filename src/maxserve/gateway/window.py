"""Limits over time that hold exactly, however many requests and replicas ask at once.

Time is cut into slices that add up what was used. A fixed window is one slice that begins at a multiple of its length;
a sliding window is sixty, the oldest of which counts until all of it has left: a sliding limit is never exceeded in any
stretch of its length, and may hold back for a sixtieth longer than it must.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from .record import Hold
from .settings import Technique
from .tables import WINDOWS

SLICES = 60


class Window(msgspec.Struct, frozen=True):
    """At most `limit` units in `seconds`."""

    limit: int
    seconds: float
    technique: Technique = "fixed"

    @property
    def slice_ms(self) -> int:
        """The length of one slice in milliseconds."""
        whole = max(1, round(self.seconds * 1000))
        return whole if self.technique == "fixed" else max(1, -(-whole // SLICES))

    @property
    def span_ms(self) -> int:
        """How long a slice counts after its beginning, in milliseconds."""
        if self.technique == "fixed":
            return self.slice_ms
        return max(1, round(self.seconds * 1000)) + self.slice_ms


class Exceeded(Exception):
    """The limit is reached; `retry_after` is in seconds."""

    def __init__(self, scope: str, retry_after: float) -> None:
        super().__init__(scope)
        self.scope = scope
        self.retry_after = retry_after


def take(connection: Connection, scope: str, window: Window, now: float, amount: int = 1, hold: bool = False) -> Hold:
    """Use `amount` units of the window, or only hold them until `settle`; raises `Exceeded`.

    `now` is Unix time in seconds. Must run inside a write of the store.
    """
    _lock(connection, scope)
    milliseconds = int(now * 1000)
    start = milliseconds - milliseconds % window.slice_ms
    rows = connection.execute(_LIVE, {"wanted": scope, "now": milliseconds}).all()
    used = sum(row.total for row in rows)
    if used + amount > window.limit:
        raise Exceeded(scope, _wait(rows, used + amount - window.limit, milliseconds, start + window.span_ms))
    insert = _insert(connection).values(
        scope=scope,
        start=start,
        used=0 if hold else amount,
        held=amount if hold else 0,
        until=start + window.span_ms,
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["scope", "start"],
            set_={
                "used": WINDOWS.c.used + insert.excluded.used,
                "held": WINDOWS.c.held + insert.excluded.held,
            },
        )
    )
    return Hold(scope, start, amount)


def settle(connection: Connection, hold: Hold, amount: int) -> None:
    """Replace held units by those that were really used, at the time when they were taken."""
    _lock(connection, hold.scope)
    connection.execute(
        update(WINDOWS)
        .where(WINDOWS.c.scope == hold.scope, WINDOWS.c.start == hold.start)
        .values(used=WINDOWS.c.used + amount, held=WINDOWS.c.held - hold.amount)
    )


def used(connection: Connection, scope: str, now: float) -> int:
    """Return the units that count now, held ones included."""
    return sum(row.total for row in connection.execute(_LIVE, {"wanted": scope, "now": int(now * 1000)}))


def sweep(connection: Connection, now: float) -> None:
    """Forget slices that count no longer."""
    connection.execute(delete(WINDOWS).where(WINDOWS.c.until <= int(now * 1000)))


_LIVE = (
    select(WINDOWS.c.until, (WINDOWS.c.used + WINDOWS.c.held).label("total"))
    .where(WINDOWS.c.scope == bindparam("wanted"), WINDOWS.c.until > bindparam("now"))
    .order_by(WINDOWS.c.until)
)


def _wait(rows: Sequence[Any], surplus: int, now: int, latest: int) -> float:
    """How long until enough has left; a request that is larger than the limit itself waits a whole window.

    A millisecond more than that: seconds are floats, and one who comes back when told must not be early by rounding.
    """
    for row in rows:
        surplus -= row.total
        if surplus <= 0:
            return float(max(0, row.until - now) + 1) / 1000
    return (max(0, latest - now) + 1) / 1000


def _lock(connection: Connection, scope: str) -> None:
    """Let no other replica count the same scope; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.blake2b(scope.encode(), digest_size=8).digest(), "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _insert(connection: Connection) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(WINDOWS) if connection.dialect.name == "postgresql" else sqlite.insert(WINDOWS)
