"""The outbox: webhook deliveries as rows, from the task's transaction to the receiver's 2xx.

Functions of a connection. A delivery is waiting until it is delivered, failed or disabled; a waiting one is under a
lease while some process sends it, so that another can take over from a dead one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..store.ulid import ulid
from .delivery import REMEMBERED, DeliveryAttempt, DeliveryState, WebhookDelivery, origin
from .tables import DELIVERIES, ENDPOINTS

GONE = "The receiver answered 410: it wants no more requests."
INTERRUPTED = "The process that sent it went away before an answer was noted."
TIDIED = 1000
"""Rows that one tidying deletes, so that no other write waits long for it."""
_ROUNDS = 8
_CLAIMS = 0x686F6F6B  # "hook": whoever claims on PostgreSQL holds it

_SHOWN = [column for column in DELIVERIES.c if column.name not in ("body", "origin")]
_ALL = [column for column in DELIVERIES.c if column.name != "origin"]
_history = msgspec.json.Decoder(tuple[DeliveryAttempt, ...]).decode
_encode = msgspec.json.Encoder().encode


def enqueue(connection: Connection, owner: str, task_id: str, url: str, bodies: Sequence[bytes], now: float) -> None:
    """Note one request per body. Call it in the transaction that finishes the task.

    Where the receiver has asked for no more, the requests are noted as disabled.
    """
    if not bodies:
        return
    why = connection.execute(select(ENDPOINTS.c.reason).where(_endpoint(owner, url))).scalar()
    first = secrets.randbits(79)
    rows = [
        {
            "id": f"msg_{ulid(now, first + position)}",
            "owner": owner,
            "task": task_id,
            "position": position,
            "url": url,
            "origin": origin(url),
            "body": body,
            "state": "waiting" if why is None else "disabled",
            "created_at": now,
            "not_before": now,
            "finished_at": None if why is None else now,
            "attempts": 0,
            "reason": why,
            "history": "[]",
        }
        for position, body in enumerate(bodies)
    ]
    connection.execute(insert(DELIVERIES), rows)


def due(connection: Connection, now: float) -> tuple[bool, float | None]:
    """Return whether some delivery may be claimed now, and in how many seconds another becomes due, None = never."""
    moment = DELIVERIES.c.not_before
    first = select(moment).where(_free(now)).order_by(moment).limit(1)
    one = connection.execute(first.where(moment <= now)).scalar()
    later = connection.execute(first.where(moment > now)).scalar()
    return one is not None, None if later is None else later - now


def claim(
    connection: Connection, worker: str, clock: Callable[[], float], *, lease_s: float, limit: int, per_receiver: int
) -> list[WebhookDelivery]:
    """Take at most `limit` due deliveries for `lease_s`, the longest due first.

    One receiver (scheme, host and port) has at most `per_receiver` under lease, over all processes, so that a slow one
    leaves room for the others. Where the last process went away in the middle of an attempt, the history says so.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIMS})
    now = clock()  # after the lock, which may have taken a while
    found = _candidates(connection, now, limit, per_receiver)
    # Locked only now, and looked at once more: a replay may have come between.
    rows = connection.execute(
        select(*DELIVERIES.c)
        .where(DELIVERIES.c.id.in_(found), _free(now), DELIVERIES.c.not_before <= now)
        .order_by(DELIVERIES.c.not_before, DELIVERIES.c.id)
        .with_for_update(skip_locked=True)
    )
    deliveries = [_delivery(row) for row in rows]
    until = now + lease_s
    for delivery in deliveries:
        values: dict[str, Any] = {"worker": worker, "lease_until": until}
        if delivery.worker is not None:
            lost = DeliveryAttempt(at=(delivery.lease_until or now) - lease_s, reason=INTERRUPTED)
            values["history"] = _longer(delivery.history, lost)
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery.id).values(values))
    return [msgspec.structs.replace(delivery, worker=worker, lease_until=until) for delivery in deliveries]


def _candidates(connection: Connection, now: float, limit: int, per_receiver: int) -> list[str]:
    """Return ids of due deliveries whose receivers have room."""
    receiver = DELIVERIES.c.origin
    at_work = select(receiver, func.count().label("leased")).where(DELIVERIES.c.lease_until > now).group_by(receiver)
    room = {row.origin: per_receiver - row.leased for row in connection.execute(at_work)}
    taken: list[str] = []
    for _ in range(_ROUNDS):
        full = [name for name, left in room.items() if left <= 0]
        rows = connection.execute(
            select(DELIVERIES.c.id, receiver)
            .where(_free(now), DELIVERIES.c.not_before <= now)
            .where(receiver.not_in(full), DELIVERIES.c.id.not_in(taken))
            .order_by(DELIVERIES.c.not_before, DELIVERIES.c.id)
            .limit(limit)
        ).all()
        for each, name in rows:
            if len(taken) < limit and room.setdefault(name, per_receiver) > 0:
                taken.append(each)
                room[name] -= 1
        if len(rows) < limit or len(taken) == limit:
            break
    return taken


def record(
    connection: Connection,
    id: str,
    worker: str,
    attempt: DeliveryAttempt,
    now: float,
    *,
    state: DeliveryState,
    not_before: float | None = None,
) -> bool:
    """Note what came of an attempt and let go of the delivery; False where it is not `worker`'s any more.

    "waiting" needs `not_before`. "disabled" disables the receiver's address: what waits for it is disabled, too, and so
    is what comes later, until one of its deliveries is replayed.
    """
    mine = and_(DELIVERIES.c.id == id, DELIVERIES.c.worker == worker, _waiting())
    row = connection.execute(select(*_SHOWN).where(mine).with_for_update()).first()
    if row is None:
        return False
    endpoint = _endpoint(row.owner, row.url)
    reason = attempt.reason or None
    if state == "waiting" and (why := connection.execute(select(ENDPOINTS.c.reason).where(endpoint)).scalar()):
        state, reason = "disabled", why  # another of its deliveries was told so meanwhile
    elif state == "disabled":
        _disable(connection, row.owner, row.url, now)
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == id)
        .values(
            state=state,
            worker=None,
            lease_until=None,
            attempts=row.attempts + 1,
            status=attempt.status,
            reason=reason,
            not_before=row.not_before if not_before is None else not_before,
            finished_at=None if state == "waiting" else now,
            history=_longer(_history(row.history), attempt),
        )
    )
    return True


def release(connection: Connection, worker: str, ids: Sequence[str]) -> None:
    """Give deliveries back that were not tried, so that another process need not wait for the lease."""
    mine = and_(DELIVERIES.c.id.in_(ids), DELIVERIES.c.worker == worker, _waiting())
    connection.execute(update(DELIVERIES).where(mine).values(worker=None, lease_until=None))


def replay(connection: Connection, owner: str | None, id: str, now: float) -> WebhookDelivery | None:
    """Send a delivery again, under its id; None where `owner` (None = anybody) has none of that id.

    One that waits is due at once, one that is at work stays as it is. Its address is enabled again.
    """
    row = connection.execute(select(*_SHOWN).where(_owned_by_worker(owner, id))).first()
    if row is None:
        return None
    connection.execute(delete(ENDPOINTS).where(_endpoint(row.owner, row.url)))
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id == id, or_(~_waiting(), DELIVERIES.c.worker.is_(None)))
        .values(state="waiting", attempts=0, not_before=now, finished_at=None, worker=None, lease_until=None)
    )
    return show(connection, owner, id)


def show(connection: Connection, owner: str | None, id: str) -> WebhookDelivery | None:
    """Return a delivery with body and history; None where `owner` (None = anybody) has none of that id."""
    row = connection.execute(select(*_ALL).where(_owned_by_worker(owner, id))).first()
    return None if row is None else _delivery(row)


def deliveries(
    connection: Connection,
    owner: str | None,
    *,
    task: str | None = None,
    state: DeliveryState | None = None,
    before: str | None = None,
    limit: int = 100,
) -> list[WebhookDelivery]:
    """Return deliveries without their bodies, latest first; `before` is the id to go on from, `owner` None = all."""
    wanted: list[ColumnElement[bool]] = []
    if owner is not None:
        wanted.append(DELIVERIES.c.owner == owner)
    if task is not None:
        wanted.append(DELIVERIES.c.task == task)
    if state is not None:
        wanted.append(DELIVERIES.c.state == state)
    if before is not None:
        wanted.append(DELIVERIES.c.id < before)
    rows = connection.execute(select(*_SHOWN).where(*wanted).order_by(DELIVERIES.c.id.desc()).limit(limit))
    return [_delivery(row) for row in rows]


def tidy(connection: Connection, now: float, keep_s: float) -> int:
    """Delete what was finished more than `keep_s` ago, a good many at a time; return how many deliveries.

    Addresses that were disabled before that are forgotten, too: the next result is sent there once more.
    """
    connection.execute(delete(ENDPOINTS).where(ENDPOINTS.c.disabled_at < now - keep_s))
    old = select(DELIVERIES.c.id).where(DELIVERIES.c.finished_at < now - keep_s).limit(TIDIED)
    return connection.execute(delete(DELIVERIES).where(DELIVERIES.c.id.in_(old))).rowcount


def _disable(connection: Connection, owner: str, url: str, now: float) -> None:
    insert_into = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    row = {"owner": owner, "url": url, "disabled_at": now, "reason": GONE}
    connection.execute(insert_into(ENDPOINTS).values(row).on_conflict_do_nothing())
    idle = or_(DELIVERIES.c.worker.is_(None), DELIVERIES.c.lease_until <= now)
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.owner == owner, DELIVERIES.c.url == url, _waiting(), idle)
        .values(state="disabled", finished_at=now, worker=None, lease_until=None, reason=GONE)
    )


def _waiting() -> ColumnElement[bool]:
    return DELIVERIES.c.state == "waiting"


def _free(now: float) -> ColumnElement[bool]:
    return and_(_waiting(), or_(DELIVERIES.c.lease_until.is_(None), DELIVERIES.c.lease_until <= now))


def _endpoint(owner: str, url: str) -> ColumnElement[bool]:
    return and_(ENDPOINTS.c.owner == owner, ENDPOINTS.c.url == url)


def _owned_by_worker(owner: str | None, id: str) -> ColumnElement[bool]:
    return DELIVERIES.c.id == id if owner is None else and_(DELIVERIES.c.id == id, DELIVERIES.c.owner == owner)


def _longer(history: tuple[DeliveryAttempt, ...], attempt: DeliveryAttempt) -> str:
    return _encode((*history, attempt)[-REMEMBERED:]).decode()


def _delivery(row: Any) -> WebhookDelivery:
    fields = dict(row._mapping)
    fields.pop("origin", None)
    fields["history"] = _history(fields["history"])
    if "body" in fields:
        fields["body"] = bytes(fields["body"])
    return WebhookDelivery(**fields)
