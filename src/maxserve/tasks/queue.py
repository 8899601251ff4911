"""The state machine of a task as database steps; each takes a connection, on SQLite and PostgreSQL alike.

    accept ─► queued ──claim──► running ──finish──► succeeded, failed, cancelled
                 ▲                 │
                 └─────requeue─────┘      failed, cancelled ──retry──► queued

Every step says which state, and which `worker`, it goes out from: whoever has lost a task changes nothing of it. All
times are Unix seconds of one clock, `now` being read inside the same transaction.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ..chat import Error, RateLimited
from ..webhooks.outbox import enqueue
from .result import MENDABLE, TaskResult
from .rows import WHOLE, encode_results, new_row, task_of
from .tables import TASKS
from .task import NewTask, Task, TaskConflict

STEP_S = 1e-6
"""What lies between the times of tasks that came together: their order is kept."""
FULL_RETRY_S = 5.0
"""When to come back with a task that the queue had no room for."""
_CLAIMS = 0x7461736B  # "task": whoever claims on PostgreSQL holds it
_FIRST = 0.0
"""`not_before` of a queued task that is to be cancelled."""
_AT_ONCE = 500

Key = tuple[str, str]
"""Owner and id."""


class Held(NamedTuple):
    """A task under lease here; `progress` None = unchanged."""

    owner: str
    id: str
    worker: str | None
    progress: int | None


class Claimed(NamedTuple):
    """The tasks of one claim; `more` = work is left that waits for a running task."""

    tasks: list[Task]
    more: bool


def submit(
    connection: Connection, new_tasks: Sequence[NewTask], now: float, max_queued: int
) -> list[TaskConflict | Error | None]:
    """Accept tasks into the queue, each on its own; None says that it is accepted."""
    waiting: dict[str, int] = {}
    for owner in sorted({one.owner for one in new_tasks}):
        _lock(connection, _number(owner))
        waiting[owner] = _waiting(connection, owner, max_queued)
    rows = [new_row(one, now) | {"created_at": now + number * STEP_S} for number, one in enumerate(new_tasks)]
    asked = Counter(one.owner for one in new_tasks)
    # Most are new and find room: one statement takes them all in.
    roomy = len(rows) > 1 and all(waiting[owner] + count <= max_queued for owner, count in asked.items())
    taken = _insert_all(connection, rows) if roomy else set()
    answers: list[TaskConflict | Error | None] = []
    for one, row in zip(new_tasks, rows, strict=True):
        if (one.owner, one.id) in taken:
            taken.discard((one.owner, one.id))  # a second one of that id is not
            answers.append(None)
        elif waiting[one.owner] >= max_queued:
            answers.append(TaskConflict(one.id) if _taken(connection, one) else _full(max_queued))
        elif _accept(connection, row):
            waiting[one.owner] += 1
            answers.append(None)
        else:
            answers.append(TaskConflict(one.id))
    return answers


def begin(connection: Connection, new_task: NewTask, worker: str, now: float, lease_s: float) -> Task:
    """Accept a task that runs at once, past the queue; raises `TaskConflict`."""
    row = new_row(new_task, now) | {
        "direct": True,
        "state": "running",
        "started_at": now,
        "attempts": 1,
        "worker": worker,
        "lease_until": now + lease_s,
    }
    if not _accept(connection, row):
        raise TaskConflict(new_task.id)
    return task_of(row)


def claim(
    connection: Connection,
    worker: str,
    kinds: Collection[str],
    now: float,
    *,
    lease_s: float,
    limit: int,
    per_key: int,
) -> Claimed:
    """Take at most `limit` tasks under lease, the longest due first.

    At most `per_key` of one owner run from the queue, over all processes.
    """
    _lock(connection, _CLAIMS)
    keys, more = claimable(connection, kinds, now, limit=limit, per_key=per_key)
    if not keys:
        return Claimed([], more)
    rows = connection.execute(
        update(TASKS)
        .where(tuple_(TASKS.c.owner, TASKS.c.id).in_(keys), TASKS.c.state == "queued")
        .values(
            state="running",
            direct=False,
            worker=worker,
            lease_until=now + lease_s,
            started_at=now,
            attempts=TASKS.c.attempts + 1,
        )
        .returning(*WHOLE)
    )
    tasks = sorted((task_of(row._mapping) for row in rows), key=lambda task: (task.not_before, task.created_at))
    return Claimed(tasks, more)


def claimable(
    connection: Connection, kinds: Collection[str], now: float, *, limit: int, per_key: int
) -> tuple[list[Key], bool]:
    """Return what a claim would take now, and whether more is due that must wait for a task to end."""
    queued = and_(TASKS.c.state == "queued", TASKS.c.not_before <= now, TASKS.c.kind.in_(kinds), ~TASKS.c.cancelling)
    running = Counter(
        {
            row.owner: row.running
            for row in connection.execute(
                select(TASKS.c.owner, func.count().label("running"))
                .where(TASKS.c.state == "running", ~TASKS.c.direct)
                .group_by(TASKS.c.owner)
            )
        }
    )
    found: list[Key] = []
    while True:
        busy = [owner for owner, count in running.items() if count >= per_key]
        # One more than is wanted tells whether any are left.
        rows = connection.execute(
            select(TASKS.c.owner, TASKS.c.id)
            .where(queued, TASKS.c.owner.not_in(busy), tuple_(TASKS.c.owner, TASKS.c.id).not_in(found))
            .order_by(TASKS.c.not_before, TASKS.c.created_at)
            .limit(limit - len(found) + 1)
        ).all()
        whole = len(rows) <= limit - len(found)  # nothing is due but these and the tasks of busy owners
        passed = False
        for row in rows:
            if running[row.owner] >= per_key:
                passed = True
            elif len(found) < limit:
                running[row.owner] += 1
                found.append((row.owner, row.id))
        if len(found) == limit:
            return found, not whole or passed or bool(busy)
        if whole:
            return found, passed or bool(busy)


def due(connection: Connection, kinds: Collection[str], now: float, *, per_key: int) -> bool:
    """Return whether a claim would take anything now: reading is cheaper than a claim in vain."""
    return bool(claimable(connection, kinds, now, limit=1, per_key=per_key)[0])


def renew(connection: Connection, held: Sequence[Held], now: float, lease_s: float) -> dict[Key, bool]:
    """Prolong leases and note progress; return the tasks that are still held, and whether each is to be cancelled."""
    kept: dict[Key, bool] = {}
    for at in range(0, len(held), _AT_ONCE):
        some = held[at : at + _AT_ONCE]
        rows = connection.execute(
            update(TASKS)
            .where(
                TASKS.c.state == "running",
                tuple_(TASKS.c.owner, TASKS.c.id, TASKS.c.worker).in_(
                    [(one.owner, one.id, one.worker) for one in some]
                ),
            )
            .values(lease_until=now + lease_s)
            .returning(TASKS.c.owner, TASKS.c.id, TASKS.c.cancelling)
        )
        kept |= {(row.owner, row.id): row.cancelling for row in rows}
    if further := [one._asdict() for one in held if one.progress is not None and (one.owner, one.id) in kept]:
        connection.execute(_PROGRESS, [{f"its_{name}": value for name, value in one.items()} for one in further])
    return kept


def finish(connection: Connection, task: Task, result: TaskResult, now: float, *, late: bool = False) -> bool:
    """Write how a task ended, and its webhook's requests with it; False where it is not ours to end any more.

    `task` is as it was claimed, or queued. `late` ends a task of another worker, whose lease must have ended.
    """
    values: dict[str, Any] = {
        "state": result.state,
        "results": encode_results(result.results) if result.state == "succeeded" else None,
        "error": result.error,
        "error_code": result.error_code,
        "prompt_tokens": result.usage.prompt,
        "completion_tokens": result.usage.completion,
        "cost": result.cost,
        "finished_at": now,
        "worker": None,
        "lease_until": None,
        "cancelling": False,
    }
    if result.kept is not None:
        values["payload"] = result.kept
    ended = connection.execute(update(TASKS).where(_as_it_was(task, now, late)).values(values)).rowcount == 1
    if ended and result.webhook_bodies and task.webhook is not None:
        enqueue(connection, task.owner, task.id, task.webhook, result.webhook_bodies, now)
    return ended


def requeue(
    connection: Connection,
    task: Task,
    now: float,
    *,
    pause_s: float | None = None,
    counted: bool = False,
    taken_over: bool = False,
) -> bool:
    """Put a running task back into the queue; False where it is not ours any more.

    It is due after `pause_s`, None = as it was. Only where `counted` was this beginning one of its attempts.
    `taken_over` does it to a task of another worker, whose lease must have ended.
    """
    values: dict[str, Any] = {
        "state": "queued",
        "direct": False,
        "worker": None,
        "lease_until": None,
        "started_at": None,
        "progress": None,
    }
    if not counted:
        values["attempts"] = max(0, task.attempts - 1)
    # One that was cancelled meanwhile is not begun again: it is the first to be seen to.
    later = TASKS.c.not_before if pause_s is None else now + pause_s
    values["not_before"] = case((TASKS.c.cancelling, _FIRST), else_=later)
    if taken_over:
        values["takeovers"] = task.takeovers + 1
    return connection.execute(update(TASKS).where(_as_it_was(task, now, taken_over)).values(values)).rowcount == 1


def overdue(connection: Connection, kinds: Collection[str], now: float) -> list[Task]:
    """Return the tasks whose lease has ended, and queued ones that were cancelled where their kind is not known."""
    late = and_(TASKS.c.state == "running", TASKS.c.lease_until <= now)
    unwanted = and_(TASKS.c.state == "queued", TASKS.c.not_before == _FIRST, TASKS.c.cancelling)
    rows = connection.execute(select(*WHOLE).where(or_(late, unwanted), TASKS.c.kind.in_(kinds)).limit(_AT_ONCE))
    return [task_of(row._mapping) for row in rows]


def flag(connection: Connection, task: Task) -> bool:
    """Ask whoever runs the task, or will claim it, to cancel it; False where it is in another state by now."""
    values: dict[str, Any] = {"cancelling": True}
    if task.state == "queued":
        values["not_before"] = _FIRST
    wanted = _one(task.owner, task.id)
    return connection.execute(update(TASKS).where(wanted, TASKS.c.state == task.state).values(values)).rowcount == 1


def retry(connection: Connection, owner: str, id: str, now: float) -> Task | None:
    """Put a failed or cancelled task into the queue as if it were new; None where there is none, or no payload left."""
    row = connection.execute(
        update(TASKS)
        .where(_one(owner, id), TASKS.c.state.in_(("failed", "cancelled")), ~TASKS.c.expired)
        .values(
            state="queued",
            direct=False,
            not_before=now,
            started_at=None,
            finished_at=None,
            delivered_at=None,
            attempts=0,
            takeovers=0,
            progress=None,
            cancelling=False,
            results=None,
            error=None,
            error_code=None,
            prompt_tokens=0,
            completion_tokens=0,
            cost=0.0,
        )
        .returning(*WHOLE)
    ).first()
    return None if row is None else task_of(row._mapping)


def mark_delivered(connection: Connection, keys: Collection[Key], now: float) -> None:
    """Note that the results of these tasks have reached their session."""
    if keys:
        wanted = tuple_(TASKS.c.owner, TASKS.c.id).in_(list(keys))
        connection.execute(update(TASKS).where(wanted, TASKS.c.delivered_at.is_(None)).values(delivered_at=now))


_PROGRESS = (
    update(TASKS)
    .where(
        TASKS.c.owner == bindparam("its_owner"),
        TASKS.c.id == bindparam("its_id"),
        TASKS.c.worker == bindparam("its_worker"),
    )
    .values(progress=bindparam("its_progress"))
)

_REPLACEABLE = and_(
    TASKS.c.delivery.in_(("sync", "stream")),
    TASKS.c.state == "failed",
    func.coalesce(TASKS.c.error_code, "").in_(MENDABLE),
)


def _accept(connection: Connection, row: dict[str, Any]) -> bool:
    """Insert a task, in the place of one that its client may ask for again; False where its id is taken."""
    if _insert(connection, row):
        return True
    gone = connection.execute(delete(TASKS).where(_one(row["owner"], row["id"]), _REPLACEABLE)).rowcount
    return gone == 1 and _insert(connection, row)


def _insert(connection: Connection, row: dict[str, Any]) -> bool:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Not by the count of rows: PostgreSQL's driver is not asked for that of an insert (SQLAlchemy 2.1).
    return connection.execute(insert(TASKS).on_conflict_do_nothing().returning(TASKS.c.id), row).first() is not None


def _insert_all(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[Key]:
    """Insert tasks whose ids are free; return which."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(TASKS).on_conflict_do_nothing().returning(TASKS.c.owner, TASKS.c.id)
    return {(row.owner, row.id) for row in connection.execute(statement, rows)}


def _taken(connection: Connection, new_task: NewTask) -> bool:
    return bool(connection.execute(select(exists().where(_one(new_task.owner, new_task.id), ~_REPLACEABLE))).scalar())


def _waiting(connection: Connection, owner: str, limit: int) -> int:
    queued = select(TASKS.c.owner).where(TASKS.c.owner == owner, TASKS.c.state == "queued").limit(limit)
    return connection.execute(select(func.count()).select_from(queued.subquery())).scalar_one()


def _full(max_queued: int) -> RateLimited:
    message = f"{max_queued} tasks of this key are waiting, and no more may (tasks.max_queued)."
    return RateLimited(message, retry_after=FULL_RETRY_S)


def _as_it_was(task: Task, now: float, late: bool) -> ColumnElement[bool]:
    """Select the task if nobody has changed its state since; `late`: and, where it runs, its lease has ended."""
    same = TASKS.c.worker.is_(None) if task.worker is None else TASKS.c.worker == task.worker
    found = and_(_one(task.owner, task.id), TASKS.c.state == task.state, same)
    return and_(found, TASKS.c.lease_until <= now) if late and task.state == "running" else found


def _one(owner: str, id: str) -> ColumnElement[bool]:
    return and_(TASKS.c.owner == owner, TASKS.c.id == id)


def _lock(connection: Connection, number: int) -> None:
    """Let no other replica do the same until this transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _number(owner: str) -> int:
    digest = hashlib.blake2b(f"tasks {owner}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
