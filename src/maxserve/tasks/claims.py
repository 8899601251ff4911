"""Claims queued tasks, up to the concurrency limit, and recovers tasks whose worker was lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection

from ..store import StoreUnavailable
from ..store.failpoints import hit
from . import queue
from . import retention as tidy
from .database_retry import RetryingDatabase
from .executor import TaskExecutor
from .leases import Leases, RunningTask
from .settings import TaskSettings
from .task import Task

log = logging.getLogger("maxserve.tasks")

TIDY_EVERY_S = 60.0


class Claims:
    """Polls the queue every `poll_s`, and at once when woken; `worker` names each claim."""

    def __init__(
        self,
        retrying_database: RetryingDatabase,
        leases: Leases,
        executor: TaskExecutor,
        settings: TaskSettings,
        kinds: Sequence[str],
        worker: Callable[[], str],
    ) -> None:
        self._database = retrying_database
        self._leases = leases
        self._executor = executor
        self._settings = settings
        self._kinds = kinds
        self._worker = worker
        self._slots: set[asyncio.Task[Task | None]] = set()
        self._hungry = True  # the queue may hold something for us
        self._wake = asyncio.Event()
        self._closing = False
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; safe to call twice."""
        if not self._loops and not self._closing:
            self._loops = [asyncio.create_task(self._claim_on()), asyncio.create_task(self._tidy_on())]

    def wake(self) -> None:
        """Say that the queue may hold something new."""
        self._hungry = True
        self._wake.set()

    async def poll(self) -> None:
        """Take over what others have left, and see whether the queue holds anything for us.

        Raises `StoreUnavailable`.
        """
        per_key, free = self._settings.per_key, self._free

        def step(connection: Connection, now: float) -> tuple[list[Task], bool]:
            late = queue.overdue(connection, self._kinds, now)
            return late, free > 0 and queue.due(connection, self._kinds, now, per_key=per_key)

        before, self._hungry = self._hungry, False  # what is submitted from here on sets it again
        try:
            late, due = await self._database.read(step)
        except Exception:
            self._hungry = True
            raise
        # Where nothing is due, what was left by an earlier claim waits for others still.
        self._hungry = self._hungry or due or (before and free <= 0)
        for task in late:
            if self._leases.held_keys(task):
                continue  # our own renewal is late, too
            try:
                await self._executor.recover(task)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("task %s could not be recovered", task.id)

    async def claim(self) -> None:
        """Claim as many tasks as there is room for, and run them; raises `StoreUnavailable`."""
        free, worker, settings = self._free, self._worker(), self._settings
        if not self._hungry or free <= 0 or self._closing:
            return
        self._hungry = False  # what is submitted from here on sets it again

        def step(connection: Connection, now: float) -> queue.Claimed:
            return queue.claim(
                connection,
                worker,
                self._kinds,
                now,
                lease_s=settings.lease_s,
                limit=free,
                per_key=settings.per_key,
            )

        try:
            claimed = await self._database.write(step)
        except Exception:
            self._hungry = True
            raise
        self._hungry = self._hungry or claimed.more
        if claimed.tasks:
            hit("claimed")
        for task in claimed.tasks:
            run = RunningTask(task)
            self._leases.add(run)
            body_task = self._executor.background_tasks.spawn(self._executor.execute(run))
            self._slots.add(body_task)
            body_task.add_done_callback(self._freed)

    async def tidy(self) -> None:
        """Empty old tasks and forget older ones; raises `StoreUnavailable`."""
        keep_s = self._settings.keep_s
        age_s = keep_s + self._settings.remember_s
        while await self._database.write(lambda connection, now: tidy.expire(connection, now, keep_s)) == tidy.AT_ONCE:
            pass
        while await self._database.write(lambda connection, now: tidy.forget(connection, now, age_s)) == tidy.AT_ONCE:
            pass

    async def close(self, seconds: float) -> None:
        """Claim no more: return once it is known what was claimed last."""
        self._closing = True
        self._wake.set()
        if not self._loops:
            return
        claiming, tidying = self._loops
        tidying.cancel()
        await asyncio.wait({claiming}, timeout=seconds)
        claiming.cancel()
        await asyncio.wait({claiming, tidying})

    @property
    def _free(self) -> int:
        return self._settings.concurrency - len(self._slots)

    async def _claim_on(self) -> None:
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        while not self._closing:
            self._wake.clear()
            try:
                if loop.time() >= poll_at:
                    poll_at = loop.time() + self._settings.poll_s
                    await self.poll()
                await self.claim()
            except StoreUnavailable:
                pass  # said by the ledger; the next poll tries again
            except Exception:
                log.exception("tasks could not be claimed")
            with suppress(TimeoutError):
                async with asyncio.timeout_at(poll_at):
                    await self._wake.wait()

    async def _tidy_on(self) -> None:
        while True:
            try:
                await self.tidy()
            except StoreUnavailable:
                pass
            except Exception:
                log.exception("retention failed: old tasks could not be deleted")
            await asyncio.sleep(TIDY_EVERY_S)

    def _freed(self, body_task: asyncio.Task[Task | None]) -> None:
        self._slots.discard(body_task)
        self._wake.set()
