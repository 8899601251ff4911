"""What the storm's judges let pass and what they do not: a test that cannot fail would promise nothing."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from maxserve.tasks.tables import TASKS
from maxserve.webhooks.tables import DELIVERIES
from tests.support.tables import TABLES

from .job import Job
from .parties import Hook, Model, Run
from .verdict import Records, judge_hooks, judge_rows, judge_runs, judge_stored

SUCCESS = [{"status": "success", "text": "a"}]
OTHER = [{"status": "success", "text": "b"}]
PROCESSING = [{"status": "processing"}]
FAILED = [{"code": "inferenceError", "message": "no"}]
LOST = [{"code": "taskNotFound"}]


def job(**fields: Any) -> Job:
    found = Job(random.Random(1), "http://receiver")
    found.delivery, found.results, found.webhook, found.acknowledged = "async", 1, "http://receiver/hook", True
    for name, value in fields.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize(
    ("told", "promise"),
    [
        ([(PROCESSING, []), (SUCCESS, []), (SUCCESS, [])], ""),
        ([(SUCCESS, []), (OTHER, [])], "first showed"),
        ([(SUCCESS, []), (PROCESSING, [])], "then processing again"),
        ([(SUCCESS, []), ([], FAILED)], "succeeded, then failed"),
        ([(SUCCESS, []), ([], LOST)], "was acknowledged, then"),
        ([([], FAILED)], "failed with inferenceError"),
        ([(SUCCESS * 2, [])], "has 2 results for 1"),
    ],
)
def test_polls_may_not_contradict_each_other(told, promise):
    asked = job()
    for items, errors in told:
        asked.tell(items, errors, acknowledged=True, finished=asked.finished)
    assert bool(asked.complaints) is bool(promise)
    assert promise in "".join(asked.complaints)


@pytest.fixture
def records(tmp_path: Path):
    """Write rows into a database and read them as a storm does; each task is the job's unless it says otherwise."""
    url = f"sqlite:///{tmp_path / 'storm.db'}"
    task: dict[str, Any] = {
        "owner": "", "kind": "k", "delivery": "async", "state": "succeeded", "payload": b"{}", "model": "m",
        "created_at": 1.0, "not_before": 1.0, "attempts": 1, "takeovers": 0, "cancelling": False, "expired": False,
        "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0, "direct": False,
    }  # fmt: skip
    delivery: dict[str, Any] = {
        "owner": "", "position": 0, "url": "u", "origin": "u", "body": b"{}", "state": "delivered", "created_at": 1.0,
        "not_before": 1.0, "attempts": 1, "history": "[]",
    }  # fmt: skip

    def write(of: Job, tasks: list[dict[str, Any]], deliveries: list[dict[str, Any]]) -> Records:
        engine = create_engine(url)
        TABLES.create_all(engine)
        with engine.begin() as connection:
            for one in tasks:
                connection.execute(insert(TASKS), {**task, "id": of.id, **one})
            for number, one in enumerate(deliveries):
                connection.execute(insert(DELIVERIES), {**delivery, "id": f"msg_{number}", "task": of.id, **one})
        engine.dispose()
        return Records(url, [of.id])

    return write


@pytest.mark.parametrize(
    ("tasks", "deliveries", "promise"),
    [
        ([{}], [{}], ""),
        ([], [{}], "is not stored"),
        ([{"state": "running", "lease_until": 1.0}], [{}], "is running in the end"),
        ([{"state": "queued"}], [{}], "is queued in the end"),
        ([{}], [{"state": "waiting"}], "webhook that is waiting"),
        ([{}], [], "0 webhooks for 1 results"),
        ([{}], [{}, {"position": 1}], "2 webhooks for 1 results"),
    ],
)
def test_nothing_is_lost_stuck_or_left_untold(records, tasks, deliveries, promise):
    asked = job(public_payload=("a",))
    found = records(asked, tasks, deliveries)
    judge_stored({asked.id: asked}, [asked.id], found)
    judge_rows({asked.id: asked}, found)
    assert bool(asked.complaints) is bool(promise)
    assert promise in "".join(asked.complaints)


@pytest.mark.parametrize(
    ("webhook_bodies", "promise"),
    [
        ([("msg_1", "a")], ""),
        ([("msg_1", "a"), ("msg_1", "a")], ""),
        ([], "told its webhook []"),
        ([("msg_1", "a"), ("msg_2", "a")], "told its webhook ['a', 'a']"),
        ([("msg_1", "b")], "told its webhook ['b']"),
        ([("msg_1", "a"), ("msg_1", "b")], "different bodies"),
        ([("", "a")], "without an id"),
    ],
)
def test_a_result_is_told_under_one_id_and_in_one_form(webhook_bodies, promise):
    asked = job(public_payload=("a",))
    judge_hooks(
        {asked.id: asked}, [Hook(name, asked.id, json.dumps({"text": text}).encode()) for name, text in webhook_bodies]
    )
    assert bool(asked.complaints) is bool(promise)
    assert promise in "".join(asked.complaints)


@pytest.mark.parametrize(
    ("delivery", "row", "runs", "promise"),
    [
        ("async", {}, ["a"], ""),
        ("async", {}, ["a", "a"], "was run 2 times"),
        ("async", {"takeovers": 1}, ["a", "b"], ""),
        ("async", {"attempts": 2}, ["a", "a"], ""),
        ("async", {"takeovers": 1}, ["a, still at it", "b"], "by two servers at the same time"),
        ("stream", {"takeovers": 1}, ["a", "b"], "was run 2 times"),
    ],
)
def test_every_run_is_accounted_for(records, delivery, row, runs, promise):
    asked, model = job(delivery=delivery, public_payload=("a",)), Model()
    for name in runs:
        run = Run(name)
        run.ended = None if "still" in name else time.monotonic()
        model.runs[asked.id].append(run)
    judge_runs({asked.id: asked}, records(asked, [row], []), model)
    assert bool(asked.complaints) is bool(promise)
    assert promise in "".join(asked.complaints)


def test_what_runs_together_is_counted():
    model = Model()
    for task, (began, ended) in {"a": (0.0, 2.0), "b": (1.0, 3.0), "c": (2.0, 4.0), "d": (0.0, 9.0)}.items():
        run = Run("replica")
        run.began, run.ended = began, ended
        model.runs[task].append(run)
    assert model.together({"a", "b", "c"}) == 2
    assert model.together({"a", "b", "c", "d"}) == 3
