"""Holds a storm's tasks against its database, its engine's runs and its webhook's tellings."""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import create_engine, select, text

from maxserve.tasks.tables import TASKS
from maxserve.webhooks.tables import DELIVERIES

from .job import Job
from .parties import Hook, Model

Jobs = Mapping[str, Job]

STOPPED_S = 5.0
"""How long a server may go on with a task whose lease it has lost, as it is starved, stalled or cut off from its
database: until its next renewal tells it. What it makes of the task counts for nothing."""
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'maxserve'"


def portions(ids: Iterable[str], size: int = 50) -> Iterator[list[str]]:
    """Cut a list of ids into ones that fit into one request."""
    rest = iter(ids)
    while portion := list(itertools.islice(rest, size)):
        yield portion


def cut(url: str) -> None:
    """Let PostgreSQL drop the connections of all servers."""
    engine = create_engine(_driven(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(_CUT))
    finally:
        engine.dispose()


class Records:
    """What the database says of some tasks; read by a connection of its own, for the servers may be dead."""

    def __init__(self, url: str, ids: Iterable[str]) -> None:
        engine = create_engine(_driven(url))
        self.tasks: dict[str, Any] = {}
        self.deliveries: list[Any] = []
        try:
            with engine.connect() as connection:
                for some in portions(ids, 500):
                    for row in connection.execute(select(TASKS).where(TASKS.c.id.in_(some))):
                        self.tasks[row.id] = row
                    self.deliveries += connection.execute(select(DELIVERIES).where(DELIVERIES.c.task.in_(some)))
        finally:
            engine.dispose()

    @property
    def unfinished(self) -> bool:
        """Whether a task or a webhook still has something before it."""
        rows = (*self.tasks.values(), *self.deliveries)
        return any(row.state in ("queued", "running", "waiting") for row in rows)


def judge_stored(jobs: Jobs, acknowledged: Iterable[str], records: Records) -> None:
    """Complain of what was acknowledged and is not in the database."""
    for task in acknowledged:
        if task not in records.tasks:
            jobs[task].complain("was acknowledged and is not stored")


def judge_rows(jobs: Jobs, records: Records) -> None:
    """Complain of what is stuck in the end, and of webhooks that are too many or too few."""
    for task, row in records.tasks.items():
        if row.state in ("queued", "running"):
            jobs[task].complain(f"is {row.state} in the end, its lease until {row.lease_until}")
    for row in records.deliveries:
        if row.state != "delivered":
            jobs[row.task].complain(f"has a webhook that is {row.state} in the end: {row.history}")
    found = Counter(row.task for row in records.deliveries)
    for job in jobs.values():
        expected = job.results if job.webhook and job.public_payload else 0
        if found[job.id] != expected:
            job.complain(f"has {found[job.id]} webhooks for {expected} results")


def judge_hooks(jobs: Jobs, webhook_bodies: Sequence[Hook]) -> None:
    """Complain where the webhook was told something else than the polls, or not always the same."""
    tellings: defaultdict[str, defaultdict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for hook in webhook_bodies:
        tellings[hook.task][hook.id].add(hook.body)
    for job in jobs.values():
        told = tellings[job.id]
        if "" in told:
            job.complain("had a webhook without an id")
        if any(len(bodies) > 1 for bodies in told.values()):
            job.complain("had webhooks of one id and different bodies")
        texts = sorted(str(json.loads(body).get("text")) for bodies in told.values() for body in bodies)
        if texts != (sorted(job.public_payload or ()) if job.webhook else []):
            job.complain(f"showed {job.public_payload} and told its webhook {texts}")


def judge_runs(jobs: Jobs, records: Records, model: Model, stops: int = 0) -> None:
    """Complain of runs that no row accounts for, and of two servers at work on one task.

    What a server that stops gives back is run again and counted by no row: once per stop at most.
    """
    for job in jobs.values():
        row, runs = records.tasks.get(job.id), model.runs[job.id]
        authorize = 0 if row is None else row.takeovers + max(1, row.attempts) + stops
        if job.delivery == "stream":
            authorize = min(1, authorize)
        if len(runs) > authorize:
            counted = row and (row.state, row.attempts, row.takeovers)
            job.complain(f"was run {len(runs)} times; its state, attempts and takeovers: {counted}")
        for run, later in itertools.pairwise(runs):
            if run.replica != later.replica and (run.ended is None or run.ended > later.began + STOPPED_S):
                job.complain("was run by two servers at the same time")


def _driven(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
