"""A line for every request that ran through a gateway."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, asc, delete, desc, func, insert, or_, select, update

from .options import Scalar
from .record import Entry, Wanted
from .tables import LOGS

_decode = msgspec.json.Decoder(dict[str, Scalar]).decode
_encode = msgspec.json.Encoder().encode


_SHOWN = [column for column in LOGS.c if column.name not in ("request", "response")]


def write(connection: Connection, entry: Entry) -> None:
    """Add a line."""
    row = msgspec.structs.asdict(entry)
    row["metadata"] = _encode(entry.metadata).decode()
    connection.execute(insert(LOGS).values(row))


def trim(connection: Connection, account: str, gateway: str, most: int) -> None:
    """Keep the newest `most` lines of a gateway."""
    mine = and_(LOGS.c.account == account, LOGS.c.gateway == gateway)
    order = (desc(LOGS.c.created_at), desc(LOGS.c.id))
    last = connection.execute(
        select(LOGS.c.created_at, LOGS.c.id).where(mine).order_by(*order).offset(most).limit(1)
    ).first()
    if last is not None:
        at_once = and_(LOGS.c.created_at == last.created_at, LOGS.c.id <= last.id)
        connection.execute(delete(LOGS).where(mine, or_(LOGS.c.created_at < last.created_at, at_once)))


def lines(
    connection: Connection, account: str, gateway: str, wanted: Wanted, page: int, per_page: int
) -> tuple[list[Entry], int]:
    """Return one page of lines, without bodies, and how many there are in all; pages count from 1."""
    where = _where(account, gateway, wanted)
    total = connection.execute(select(func.count()).select_from(LOGS).where(where)).scalar_one()
    direction = desc if wanted.descending else asc
    rows = connection.execute(
        select(*_SHOWN)
        .where(where)
        .order_by(direction(LOGS.c[wanted.order]), direction(LOGS.c.id))
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    return [_entry(row._mapping) for row in rows], total


def line(connection: Connection, account: str, gateway: str, id: str) -> Entry | None:
    """Return one line with its bodies, None where there is none."""
    row = connection.execute(select(LOGS).where(_one(account, gateway, id))).first()
    return None if row is None else _entry(row._mapping)


def judge(connection: Connection, account: str, gateway: str, id: str, changes: dict[str, Any]) -> bool:
    """Set `score`, `feedback` or `metadata` of a line; False where there is none."""
    if "metadata" in changes:
        changes = {**changes, "metadata": _encode(changes["metadata"]).decode()}
    return connection.execute(update(LOGS).where(_one(account, gateway, id)).values(changes)).rowcount > 0


def forget(connection: Connection, account: str, gateway: str, wanted: Wanted, limit: int) -> int:
    """Delete at most `limit` lines, the oldest first, and return how many."""
    ids = connection.execute(
        select(LOGS.c.id).where(_where(account, gateway, wanted)).order_by(LOGS.c.created_at, LOGS.c.id).limit(limit)
    ).scalars()
    gone = list(ids)
    for at in range(0, len(gone), 500):
        connection.execute(delete(LOGS).where(LOGS.c.id.in_(gone[at : at + 500])))
    return len(gone)


def _where(account: str, gateway: str, wanted: Wanted) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [LOGS.c.account == account, LOGS.c.gateway == gateway]
    for name in ("success", "cached", "model", "event_id", "feedback"):
        value = getattr(wanted, name)
        if value is not None:
            parts.append(LOGS.c[name] == value)
    if wanted.since is not None:
        parts.append(LOGS.c.created_at >= wanted.since)
    if wanted.until is not None:
        parts.append(LOGS.c.created_at <= wanted.until)
    parts += [LOGS.c[name] >= value for name, value in wanted.least.items()]
    parts += [LOGS.c[name] <= value for name, value in wanted.most.items()]
    return and_(*parts)


def _one(account: str, gateway: str, id: str) -> ColumnElement[bool]:
    return and_(LOGS.c.account == account, LOGS.c.gateway == gateway, LOGS.c.id == id)


def _entry(row: Any) -> Entry:
    fields = dict(row)
    fields["metadata"] = _decode(fields["metadata"])
    for name in ("request", "response"):
        fields[name] = bytes(fields[name]) if fields.get(name) is not None else None
    return Entry(**fields)
