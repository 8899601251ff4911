"""Shorthands: tasks as they are sent, and what is read of them."""

from __future__ import annotations

import json
from typing import Any

from maxserve.apis.runware import InvalidTask, TaskLimits, TextInference, error_item, read_array
from maxserve.catalogue import Catalogue

CATALOGUE = Catalogue.load()
LIMITS = TaskLimits(catalogue=CATALOGUE)
ID = "0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c11"
OTHER_ID = "5b6f2b0d-8f6a-4a58-8d8e-4f0c8f6f2a22"
GONE: Any = object()


def body(**fields: Any) -> dict[str, Any]:
    """Return a task that is right, with some fields changed; `GONE` leaves one out."""
    task: dict[str, Any] = {
        "taskType": "textInference",
        "taskUUID": ID,
        "model": "minimax:m2.7@0",
        "messages": [{"role": "user", "content": "Name one prime above 100."}],
    } | fields
    return {name: value for name, value in task.items() if value is not GONE}


def read(*tasks: Any, limits: TaskLimits = LIMITS) -> list[Any]:
    return read_array(json.dumps(tasks).encode(), limits)


def asked(limits: TaskLimits = LIMITS, **fields: Any) -> TextInference:
    """Read one textInference that is right."""
    (task,) = read(body(**fields), limits=limits)
    assert isinstance(task, TextInference), refused(task)
    return task


def refused(task: Any) -> dict[str, Any]:
    """Return the error of a task that cannot be done, as it is shown."""
    assert isinstance(task, InvalidTask), task
    shown = json.loads(error_item(task.error, task.task_type, task.uuid))
    assert isinstance(shown, dict)
    return shown


def wrong(limits: TaskLimits = LIMITS, **fields: Any) -> dict[str, Any]:
    """Return the error of one textInference, less what only says which task it is."""
    (task,) = read(body(**fields), limits=limits)
    error = refused(task)
    assert (error.pop("taskType"), error.pop("taskUUID")) == ("textInference", ID)
    return error
