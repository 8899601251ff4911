"""Sums of an owner's tasks."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, case, func, select

from .tables import TASKS


def usage_since(connection: Connection, owner: str, since: Mapping[str, float]) -> dict[str, tuple[float, int]]:
    """Return dollars and number of an owner's finished tasks by name, each `since` a time of creation (Unix seconds).

    Tasks that are forgotten count no more.
    """
    columns = []
    for moment in since.values():
        late = TASKS.c.created_at >= moment
        columns += [func.sum(case((late, TASKS.c.cost), else_=0.0)), func.sum(case((late, 1), else_=0))]
    row = connection.execute(select(*columns).where(TASKS.c.owner == owner, TASKS.c.finished_at.is_not(None))).one()
    return {name: (float(row[2 * i] or 0.0), int(row[2 * i + 1] or 0)) for i, name in enumerate(since)}
