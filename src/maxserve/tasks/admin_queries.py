"""Queries of tasks, deliveries and disabled addresses for operators; each takes a connection.

`owner` None is everybody's.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, tuple_

from ..webhooks.tables import DELIVERIES, ENDPOINTS
from .rows import LIGHT, WHOLE, task_of
from .tables import TASKS
from .task import State, Task


class Cursor(msgspec.Struct, frozen=True):
    """The position after the last task of a page."""

    created_at: float
    id: str
    owner: str


class Disabled(msgspec.Struct, frozen=True):
    """A webhook address that answered 410, and since when (Unix seconds)."""

    owner: str
    url: str
    disabled_at: float
    reason: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of tasks: None and empty mean "any"; `owner` "" = tasks without a key. Times in Unix seconds."""

    owner: str | None = None
    states: Sequence[State] = ()
    models: Sequence[str] = ()
    since: float | None = None
    after: Cursor | None = None
    limit: int = 100


def tasks(connection: Connection, wanted: Wanted) -> list[Task]:
    """Return tasks, latest first, without what was asked and answered."""
    rows = connection.execute(
        select(*LIGHT)
        .where(*_conditions(wanted))
        .order_by(TASKS.c.created_at.desc(), TASKS.c.id.desc(), TASKS.c.owner.desc())
        .limit(wanted.limit)
    )
    return [task_of(row._mapping) for row in rows]


def matching(connection: Connection, prefix: str, owner: str | None = None, limit: int = 20) -> list[tuple[str, str]]:
    """Return owner and id of the tasks whose id begins so, in order; ids are in lower case."""
    where = [TASKS.c.id.startswith(prefix.lower(), autoescape=True), *_owned(owner)]
    rows = connection.execute(
        select(TASKS.c.owner, TASKS.c.id).where(*where).order_by(TASKS.c.id, TASKS.c.owner).limit(limit)
    )
    return [(row.owner, row.id) for row in rows]


def task(connection: Connection, owner: str, id: str) -> Task | None:
    """Return a task with all that is stored of it, None where there is none."""
    row = connection.execute(select(*WHOLE).where(TASKS.c.owner == owner, TASKS.c.id == id)).first()
    return None if row is None else task_of(row._mapping)


def matching_deliveries(
    connection: Connection, prefix: str, owner: str | None = None, limit: int = 20
) -> list[tuple[str, str]]:
    """Return owner and id of the deliveries whose id begins so, in order."""
    where = [DELIVERIES.c.id.startswith(prefix, autoescape=True)]
    if owner is not None:
        where.append(DELIVERIES.c.owner == owner)
    rows = connection.execute(
        select(DELIVERIES.c.owner, DELIVERIES.c.id).where(*where).order_by(DELIVERIES.c.id).limit(limit)
    )
    return [(row.owner, row.id) for row in rows]


def disabled(connection: Connection, owner: str | None) -> list[Disabled]:
    """Return the addresses that are not called any more, the latest first."""
    where = [] if owner is None else [ENDPOINTS.c.owner == owner]
    rows = connection.execute(select(*ENDPOINTS.c).where(*where).order_by(ENDPOINTS.c.disabled_at.desc()))
    return [Disabled(**row._mapping) for row in rows]


def enable(connection: Connection, owner: str | None, url: str) -> int:
    """Call an address again from now on; return for how many keys it was disabled."""
    where = [ENDPOINTS.c.url == url, *([] if owner is None else [ENDPOINTS.c.owner == owner])]
    return connection.execute(delete(ENDPOINTS).where(*where)).rowcount


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = _owned(wanted.owner)
    if wanted.states:
        found.append(TASKS.c.state.in_(wanted.states))
    if wanted.models:
        found.append(TASKS.c.model.in_(wanted.models))
    if wanted.since is not None:
        found.append(TASKS.c.created_at >= wanted.since)
    if wanted.after is not None:
        mark = wanted.after
        beside = tuple_(TASKS.c.id, TASKS.c.owner) < (mark.id, mark.owner)
        found.append(or_(TASKS.c.created_at < mark.created_at, and_(TASKS.c.created_at == mark.created_at, beside)))
    return found


def _owned(owner: str | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [TASKS.c.owner == owner]
