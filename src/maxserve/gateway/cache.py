"""Answers kept for the next request that is the same to the byte."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .record import Cached
from .tables import CACHE

LARGEST = 25 * 1024 * 1024
"""Bytes of the largest answer that is kept (docs/wire/cloudflare.md §6.3)."""


def cache_key(
    *,
    account: str,
    gateway: str,
    path: str,
    model: str,
    mask: bool,
    body: bytes,
    form: str = "",
    override: str | None = None,
) -> str:
    """Return the key of a request: everything that its answer depends on, and whose it is.

    An `override` stands for path, model and body. Accounts and gateways never share answers, nor do requests with and
    without masking, nor those whose answers are written in different forms.
    """
    parts = [account.encode(), gateway.encode(), form.encode(), b"masked" if mask else b"plain"]
    parts += [b"key", override.encode()] if override is not None else [b"body", path.encode(), model.encode(), body]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def look_up(connection: Connection, key: str, now: float) -> Cached | None:
    """Return the answer kept under `key`, None where there is none or its time is over; `now` in Unix seconds."""
    row = connection.execute(
        select(CACHE.c.body, CACHE.c.content_type, CACHE.c.checkpoint).where(
            CACHE.c.key == key, CACHE.c.expires_at > now
        )
    ).first()
    return None if row is None else Cached(bytes(row.body), row.content_type, row.checkpoint)


def touch(connection: Connection, key: str, now: float) -> None:
    """Remember that an answer was of use: the ones longest unused go first when room is needed."""
    connection.execute(update(CACHE).where(CACHE.c.key == key).values(used_at=now))


def keep(
    connection: Connection,
    key: str,
    answer: Cached,
    *,
    account: str,
    gateway: str,
    now: float,
    ttl: float,
    room: int,
) -> None:
    """Keep an answer for `ttl` seconds; all answers together take at most `room` bytes."""
    size = len(answer.body)
    if size > min(LARGEST, room):
        return
    insert = postgresql.insert(CACHE) if connection.dialect.name == "postgresql" else sqlite.insert(CACHE)
    values = {
        "key": key,
        "account": account,
        "gateway": gateway,
        "stored_at": now,
        "expires_at": now + ttl,
        "used_at": now,
        "size": size,
        "content_type": answer.content_type,
        "checkpoint": answer.checkpoint,
        "body": answer.body,
    }
    connection.execute(insert.values(values).on_conflict_do_update(index_elements=["key"], set_=values))
    _make_room(connection, now, room)


def _make_room(connection: Connection, now: float, room: int) -> None:
    connection.execute(delete(CACHE).where(CACHE.c.expires_at <= now))
    total = connection.execute(select(func.coalesce(func.sum(CACHE.c.size), 0))).scalar_one()
    if total <= room:
        return
    gone = []
    for row in connection.execute(select(CACHE.c.key, CACHE.c.size).order_by(CACHE.c.used_at, CACHE.c.key)):
        gone.append(row.key)
        total -= row.size
        if total <= room:
            break
    for at in range(0, len(gone), 500):
        connection.execute(delete(CACHE).where(CACHE.c.key.in_(gone[at : at + 500])))
