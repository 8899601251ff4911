"""A task whose response its caller writes itself, such as a stream."""

from __future__ import annotations

from .leases import RunningTask
from .task import Outcome, Task


class TrackedTask:
    """The handle by which the caller reports progress and outcome."""

    def __init__(self, run: RunningTask) -> None:
        self._run = run
        self.outcome: Outcome | None = None

    @property
    def task(self) -> Task:
        """The task as it was begun."""
        return self._run.task

    def progress(self, percent: int) -> None:
        """Note how much of the prompt is read, in percent: 100 when the answer begins."""
        self._run.report(percent)

    def done(self, outcome: Outcome) -> None:
        """Say what the answer was: it is stored when the caller leaves."""
        self.outcome = outcome
