"""Read-only queries for callers that wait for tasks; each takes a connection."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from .rows import WHOLE, task_of
from .tables import TASKS
from .task import Task

_AT_ONCE = 500
MOST = 1000
"""Tasks that a session is told of when it comes back: there may be thousands in the queue."""


def find(connection: Connection, owner: str, ids: Sequence[str]) -> dict[str, Task]:
    """Return an owner's tasks by their ids; those that are not known are not there."""
    found: dict[str, Task] = {}
    for at in range(0, len(ids), _AT_ONCE):
        wanted = select(*WHOLE).where(TASKS.c.owner == owner, TASKS.c.id.in_(ids[at : at + _AT_ONCE]))
        found |= {row.id: task_of(row._mapping) for row in connection.execute(wanted)}
    return found


def undelivered(connection: Connection, owner: str, session: str, since: float) -> list[Task]:
    """Return the tasks of a session that it has not been told of, sync and async ones, oldest first, without payloads.

    Those that run still, and those that have finished at or after `since`; the oldest `MOST` of them.
    """
    rows = connection.execute(
        select(*(column for column in WHOLE if column.name != "payload"))
        .where(
            TASKS.c.session == session,
            TASKS.c.owner == owner,
            TASKS.c.delivery != "stream",
            TASKS.c.delivered_at.is_(None),
            or_(TASKS.c.finished_at.is_(None), TASKS.c.finished_at >= since),
        )
        .order_by(TASKS.c.created_at, TASKS.c.id)
        .limit(MOST)
    )
    return [task_of(row._mapping) for row in rows]
