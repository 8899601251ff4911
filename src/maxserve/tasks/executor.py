"""Runs one task to its end: calls its handler, classifies the outcome, stores it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Connection

from ..chat import EngineCrashed, Error, InternalError, Overloaded, ServerError
from ..store import StoreUnavailable
from ..store.failpoints import hit
from . import queue
from .background import BackgroundTasks, TaskSignals
from .database_retry import RetryingDatabase
from .leases import Leases, RunningTask
from .result import TaskResult, TaskResultWriter
from .settings import TaskSettings
from .task import Cancelled, Outcome, Progress, Task, TaskHandler

log = logging.getLogger("maxserve.tasks")

Body = Callable[[Task, Progress], Awaitable[Outcome]]
"""Does a task's work."""

LONGEST_PAUSE_S = 300.0
"""Between two attempts, however many there are."""
INTERNAL_ATTEMPTS = 2
"""Attempts after an InternalError: our own bugs rarely vanish on retry."""


class _Stopped(Exception):
    """A run was stopped before it had an outcome."""


class TaskExecutor:
    """Runs tasks with their handlers; `on_due` is called when the queue may hold new work."""

    def __init__(
        self,
        retrying_database: RetryingDatabase,
        leases: Leases,
        settings: TaskSettings,
        handlers: Mapping[str, TaskHandler],
        *,
        authorize: Callable[[str], None] | None,
        on_deliveries: Callable[[], None] | None,
        on_due: Callable[[], None],
    ) -> None:
        self.signals = TaskSignals()
        self.background_tasks = BackgroundTasks()
        self.results_writer = TaskResultWriter(handlers)
        self._database = retrying_database
        self._leases = leases
        self._settings = settings
        self._handlers = handlers
        self._authorize = authorize
        self._on_deliveries = on_deliveries
        self._on_due = on_due

    async def execute(self, run: RunningTask, body: Body | None = None) -> Task | None:
        """Run a task and return it finished; None where it is another's by now, or is to be run again.

        `body` is used instead of the runner of its kind. Raises nothing: what cannot be written is logged, and the
        task's lease ends.
        """
        return await self._release_when_done(run, self._execute(run, body))

    def store_outcome(
        self, run: RunningTask, outcome: Outcome | None, error: Error | None
    ) -> asyncio.Task[Task | None]:
        """Store, in the background, what came of a task that its caller ran: neither means that nobody wants it."""
        run.finishing = True
        if outcome is not None:
            result = self.results_writer.succeeded(run.task, outcome)
        else:
            result = self.results_writer.failed(
                run.task, error or Cancelled("The client went before the answer was whole.")
            )
        return self.background_tasks.spawn(self._release_when_done(run, self._store(run, result)))

    async def finish(self, task: Task, result: TaskResult, *, late: bool = False, patient: bool = True) -> Task | None:
        """Write how a task ended and return it; None where it was not ours to end.

        `late` ends what another process has left. Unless `patient`, raises `StoreUnavailable` at once.
        """

        def step(connection: Connection, now: float) -> float | None:
            return now if queue.finish(connection, task, result, now, late=late) else None

        if (at := await (self._database.write_with_retry if patient else self._database.write)(step)) is None:
            return None
        hit("result")
        self.signals.notify((task.owner, task.id))
        if result.webhook_bodies and self._on_deliveries is not None:
            self._on_deliveries()
        return result.of(task, at)

    async def recover(self, task: Task) -> None:
        """See to a task whose process is not heard of any more, or that was cancelled in the queue.

        Raises `StoreUnavailable`.
        """
        if task.cancelling:
            result = self.results_writer.cancelled(task)
        elif task.direct and task.delivery == "stream":
            result = self.results_writer.failed(task, EngineCrashed("The server ended while it streamed the answer."))
        elif task.takeovers >= self._settings.max_takeovers:
            times = task.takeovers + 1
            result = self.results_writer.failed(
                task, EngineCrashed(f"The server ended {times} times while it worked on it.")
            )
        else:

            def step(connection: Connection, now: float) -> bool:
                return queue.requeue(connection, task, now, taken_over=True)

            if await self._database.write(step):
                log.warning("task %s requeued: lease expired (worker lost)", task.id)
                self._on_due()
            return
        await self.finish(task, result, late=True, patient=False)

    async def _execute(self, run: RunningTask, body: Body | None) -> Task | None:
        task = run.task
        try:
            outcome = await self._outcome(run, body)
        except _Stopped:
            if run.why == "cancelled":
                return await self.finish(task, self.results_writer.cancelled(task))
            if run.why == "closing":
                await self._requeue(task)
            return None
        except Error as error:
            if (pause := self._pause(task, error)) is None:
                return await self.finish(task, self.results_writer.failed(task, error))
            log.warning("task %s failed, retry in %.1f s: %s", task.id, pause, error.message)
            await self._try_again(task, pause, counted=not isinstance(error, Overloaded))
            return None
        return await self.finish(task, self.results_writer.succeeded(task, outcome))

    async def _outcome(self, run: RunningTask, body: Body | None) -> Outcome:
        """Run a task; raises `chat.Error` whatever goes wrong, and `_Stopped`."""
        task = run.task
        body_task = asyncio.ensure_future(self._attempt(run, body or self._handlers[task.kind].run))
        run.attach(body_task)
        try:
            await asyncio.wait({body_task})
        finally:
            body_task.cancel()
        run.begun()
        run.finishing = True
        error = asyncio.CancelledError() if body_task.cancelled() else body_task.exception()
        if run.why == "lost" or (error is not None and run.why is not None):
            raise _Stopped
        if error is None:
            return body_task.result()
        if isinstance(error, Error):
            raise error
        log.error("task %s failed: internal error", task.id, exc_info=error)
        raise InternalError("The server made a mistake; it is logged under the task's id.")

    async def _attempt(self, run: RunningTask, body: Body) -> Outcome:
        if self._authorize is not None and not run.task.direct:
            self._authorize(run.task.owner)
        return await body(run.task, run.report)

    def _pause(self, task: Task, error: Error) -> float | None:
        """Return the seconds until a failed task is tried again, None where it is not."""
        if task.direct or not isinstance(error, ServerError):
            return None
        pause = self._settings.retry_delay_s
        if not isinstance(error, Overloaded):  # no room is no failure: it waits until there is some
            most = self._settings.max_attempts
            if task.attempts >= (min(most, INTERNAL_ATTEMPTS) if isinstance(error, InternalError) else most):
                return None
            pause *= 2.0 ** min(task.attempts - 1, 32)
        return min(max(pause, error.retry_after or 0.0), LONGEST_PAUSE_S)

    async def _try_again(self, task: Task, pause: float, *, counted: bool) -> None:
        def step(connection: Connection, now: float) -> None:
            queue.requeue(connection, task, now, pause_s=pause, counted=counted)

        await self._database.write_with_retry(step)
        asyncio.get_running_loop().call_later(pause, self._on_due)

    async def _requeue(self, task: Task) -> None:
        await self._database.write_with_retry(lambda connection, now: queue.requeue(connection, task, now))

    async def _store(self, run: RunningTask, result: TaskResult) -> Task | None:
        return None if run.why == "lost" else await self.finish(run.task, result)

    async def _release_when_done(self, run: RunningTask, end: Awaitable[Task | None]) -> Task | None:
        """Let go of a task whatever becomes of it, and say what could not be stored."""
        try:
            return await end
        except StoreUnavailable as error:
            log.error("task %s: result not stored, its lease will expire: %s", run.task.id, error)
        except Exception:
            log.exception("task %s: result not stored, its lease will expire", run.task.id)
        finally:
            self._leases.remove(run)
            self.signals.notify(run.key)
        return None
