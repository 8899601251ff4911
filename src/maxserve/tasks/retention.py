"""Retention: clears payload and results after `keep_s`, deletes the row `remember_s` later."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_, update

from .tables import TASKS

AT_ONCE = 500
"""Rows that one tidying touches, so that no other write waits long for it."""


def expire(connection: Connection, now: float, keep_s: float) -> int:
    """Throw away what tasks were asked and answered that finished `keep_s` ago; return how many, at most `AT_ONCE`."""
    due = and_(~TASKS.c.expired, TASKS.c.finished_at <= now - keep_s)
    return connection.execute(
        update(TASKS).where(_some(due), due).values(expired=True, payload=b"", results=None, error=None)
    ).rowcount


def forget(connection: Connection, now: float, age_s: float) -> int:
    """Delete expired tasks that finished `age_s` ago; return how many, at most `AT_ONCE`. Their ids are free again."""
    due = and_(TASKS.c.expired, TASKS.c.finished_at <= now - age_s)
    return connection.execute(delete(TASKS).where(_some(due), due)).rowcount


def _some(due: ColumnElement[bool]) -> ColumnElement[bool]:
    """Select a few; the caller asks for `due` itself, too, as a row may be changed while it is waited for."""
    return tuple_(TASKS.c.owner, TASKS.c.id).in_(select(TASKS.c.owner, TASKS.c.id).where(due).limit(AT_ONCE))
