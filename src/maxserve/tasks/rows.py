"""Conversion between tasks and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .tables import TASKS
from .task import Delivery, NewTask, State, Task

HEAVY = ("payload", "results", "error")
"""What lists leave out: it may be large."""
WHOLE = tuple(TASKS.c)
LIGHT = tuple(column for column in TASKS.c if column.name not in HEAVY)

_raws = msgspec.json.Decoder(tuple[msgspec.Raw, ...]).decode


def new_row(new_task: NewTask, now: float) -> dict[str, Any]:
    """Return the row of a task that nobody has begun."""
    return {
        "owner": new_task.owner,
        "id": new_task.id,
        "kind": new_task.kind,
        "delivery": new_task.delivery,
        "direct": False,
        "state": "queued",
        "payload": new_task.payload,
        "model": new_task.model,
        "webhook": new_task.webhook,
        "session": new_task.session,
        "created_at": now,
        "not_before": now,
        "started_at": None,
        "attempts": 0,
        "takeovers": 0,
        "worker": None,
        "lease_until": None,
        "cancelling": False,
        "expired": False,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cost": 0.0,
    }


def encode_results(results: Sequence[bytes]) -> bytes:
    """Return results as they are stored: one JSON array."""
    return b"[" + b",".join(results) + b"]"


def task_of(row: Mapping[Any, Any]) -> Task:
    """Return the task that a row holds; what was not selected is empty."""
    fields = dict(row)
    delivery: Delivery = fields.pop("delivery")
    state: State = fields.pop("state")
    payload, results, error = (fields.pop(name, None) for name in HEAVY)
    return Task(
        **fields,
        delivery=delivery,
        state=state,
        payload=b"" if payload is None else bytes(payload),
        results=() if results is None else tuple(bytes(result) for result in _raws(results)),
        error=None if error is None else bytes(error),
    )
