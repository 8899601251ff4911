"""The result of a task: its row and its webhook bodies."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from ..chat import Error, RateLimited, ServerError, Usage
from .task import Cancelled, Outcome, State, Task, TaskHandler

log = logging.getLogger("maxserve.tasks")


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a task; `webhook_bodies` are sent to its webhook. `kept` None leaves the payload."""

    state: State
    results: tuple[bytes, ...] = ()
    error: bytes | None = None
    error_code: str | None = None
    usage: Usage = Usage()
    cost: float = 0.0
    kept: bytes | None = None
    webhook_bodies: tuple[bytes, ...] = ()

    def of(self, task: Task, finished_at: float) -> Task:
        """Return the task as it is after this end."""
        return msgspec.structs.replace(
            task,
            state=self.state,
            payload=task.payload if self.kept is None else self.kept,
            results=self.results,
            error=self.error,
            error_code=self.error_code,
            prompt_tokens=self.usage.prompt,
            completion_tokens=self.usage.completion,
            cost=self.cost,
            finished_at=finished_at,
            worker=None,
            lease_until=None,
            cancelling=False,
        )


class TaskResultWriter:
    """Builds results in the form of each kind of task."""

    def __init__(self, handlers: Mapping[str, TaskHandler]) -> None:
        self._handlers = handlers

    def knows(self, task: Task) -> bool:
        """Whether tasks of its kind can be run and told of here."""
        return task.kind in self._handlers

    def succeeded(self, task: Task, outcome: Outcome) -> TaskResult:
        """Return the end of a task that has results."""
        result = TaskResult(
            state="succeeded",
            results=outcome.results,
            usage=outcome.usage,
            cost=outcome.cost,
            kept=outcome.kept,
        )
        return self._with_hooks(task, result)

    def failed(self, task: Task, error: Error) -> TaskResult:
        """Return the end of a task that has none."""
        state: State = "cancelled" if isinstance(error, Cancelled) else "failed"
        result = TaskResult(state=state, error=self._failure(task, error), error_code=error.code)
        return self._with_hooks(task, result)

    def cancelled(self, task: Task) -> TaskResult:
        """Return the end of a task that nobody wants any more."""
        return self.failed(task, Cancelled("The task was cancelled."))

    def _failure(self, task: Task, error: Error) -> bytes:
        if (handler := self._handlers.get(task.kind)) is not None:
            try:
                return handler.failure(task, error)
            except Exception:
                log.exception("task %s: its error could not be written", task.id)
        return msgspec.json.encode({"code": error.code, "message": error.message})

    def _with_hooks(self, task: Task, result: TaskResult) -> TaskResult:
        if task.webhook is None or (handler := self._handlers.get(task.kind)) is None:
            return result
        try:
            webhook_bodies = handler.webhook_bodies(
                result.of(task, task.finished_at or 0.0), result.results, result.error
            )
        except Exception:
            log.exception("task %s: its webhook body could not be written", task.id)
            return result
        return msgspec.structs.replace(result, webhook_bodies=webhook_bodies)


def _codes(*classes: type[Error]) -> frozenset[str]:
    found = set()
    for kind in classes:
        found.add(kind.code)
        found |= _codes(*kind.__subclasses__())
    return frozenset(found)


MENDABLE = _codes(ServerError, RateLimited)
"""Codes after which clients ask again for the same task."""
