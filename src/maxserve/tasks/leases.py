"""The tasks that run in this process, and their leases."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, Literal

from ..store import StoreUnavailable
from ..store.failpoints import hit
from .database_retry import RetryingDatabase
from .queue import Held, Key, renew
from .task import Task

log = logging.getLogger("maxserve.tasks")

LONGEST_TICK_S = 1.0
"""Between two renewals at most: progress and a cancellation are seen as soon as that."""

Why = Literal["cancelled", "lost", "closing"]


class RunningTask:
    """A task that runs in this process. `why` is set once it must stop, `finishing` while its result is stored."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.key: Key = (task.owner, task.id)
        self.progress: int | None = None
        self.noted: int | None = None
        self.why: Why | None = None
        self.finishing = False
        self.generating = False
        self._job: asyncio.Task[Any] | None = None

    def attach(self, body_task: asyncio.Task[Any]) -> None:
        """Say what is to be cancelled when the task is to stop."""
        self._job = body_task
        if self.why is not None:
            body_task.cancel()

    def report(self, percent: int) -> None:
        """Take the runner's progress."""
        self.progress = min(max(int(percent), 0), 100)
        if self.progress == 100:
            self.begun()

    def begun(self) -> None:
        """Note that its answer has begun."""
        if not self.generating:
            self.generating = True
            hit("generating")

    def stop(self, why: Why) -> None:
        """Stop it, unless it stops or ends already."""
        if self.why is None and not self.finishing:
            self.why = why
            if self._job is not None:
                self._job.cancel()


class Leases:
    """Renews all leases of this process in one write per tick."""

    def __init__(self, retrying_database: RetryingDatabase, lease_s: float) -> None:
        self._database = retrying_database
        self._lease_s = lease_s
        self._runs: dict[Key, RunningTask] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def get(self, key: Key) -> RunningTask | None:
        """Return what runs here under that key."""
        return self._runs.get(key)

    def all(self) -> list[RunningTask]:
        """Return all that runs here."""
        return list(self._runs.values())

    def held_keys(self, task: Task) -> bool:
        """Whether this very beginning of the task runs here."""
        run = self._runs.get((task.owner, task.id))
        return run is not None and run.task.worker == task.worker

    def add(self, run: RunningTask) -> None:
        """Renew its lease from now on."""
        if (older := self._runs.get(run.key)) is not None:
            older.stop("lost")  # it has been begun again: the older one was given up for dead
        self._runs[run.key] = run
        self._idle.clear()
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())

    def remove(self, run: RunningTask) -> None:
        """Let go of it."""
        if self._runs.get(run.key) is run:
            del self._runs[run.key]
        if not self._runs:
            self._idle.set()

    async def renew(self) -> None:
        """Renew all leases; stop what is not ours any more or is to be cancelled. Raises `StoreUnavailable`."""
        runs = self.all()
        held = [
            (run, Held(*run.key, run.task.worker, None if run.progress == run.noted else run.progress)) for run in runs
        ]
        kept = await self._database.write(
            lambda connection, now: renew(connection, [one for _, one in held], now, self._lease_s)
        )
        for run, one in held:
            if one.progress is not None:
                run.noted = one.progress
            cancelling = kept.get(run.key)
            if cancelling:
                run.stop("cancelled")
            elif cancelling is None and not run.finishing and self._runs.get(run.key) is run:
                log.warning("task %s: lease lost to another worker, its run here is stopped", run.task.id)
                run.stop("lost")

    async def _tick(self) -> None:
        while self._runs:
            await asyncio.sleep(min(self._lease_s / 3, LONGEST_TICK_S))
            try:
                if self._runs:
                    await self.renew()
            except StoreUnavailable:
                pass  # said by the ledger; whoever runs a task goes on: only another's claim ends its hold
            except Exception:
                log.exception("leases could not be renewed")

    async def wait(self, seconds: float) -> None:
        """Wait until nothing runs here, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def close(self) -> None:
        """Stop renewing."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.wait({self._ticking})
