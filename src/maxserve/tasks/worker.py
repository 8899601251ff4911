"""The worker: accepts tasks, runs queued ones, and stores all results.

One per process. Several on one database share the queue: what one has claimed it holds under a lease; where it is not
heard of any more, another takes over. Whatever is told to a caller has been committed before.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec

from ..chat import Error, InternalError, Overloaded
from ..store import StoreUnavailable
from ..store.clock import clock as clock_of
from ..store.database import Database
from ..store.failpoints import hit
from . import queries as reading
from . import queue
from .admin_queries import Wanted, tasks
from .claims import Claims
from .database_retry import RetryingDatabase
from .delivery_acks import DeliveryAcks
from .executor import Body, TaskExecutor
from .leases import Leases, RunningTask, Why
from .lookup_batcher import LookupBatcher
from .settings import TaskSettings
from .submit_batcher import SubmitBatcher
from .task import Cancelled, NewTask, Task, TaskConflict, TaskHandler
from .tracked_task import TrackedTask

GRACE_S = 5.0
"""What the ends of interrupted tasks have to be written at close."""
LEAVE_S = 2.0
"""How long a caller waits for its tracked task to be stored, where the database is away; it is stored all the same."""


class Worker:
    """Runs tasks with the handler of their kind.

    `authorize` gets the owner before a queued task runs, which may be long after it was accepted; it raises
    `chat.Error`. `clock` replaces the database's. `on_deliveries` is called after webhook deliveries were committed.
    """

    def __init__(
        self,
        database: Database,
        settings: TaskSettings,
        handlers: Mapping[str, TaskHandler],
        *,
        authorize: Callable[[str], None] | None = None,
        clock: Callable[[], float] | None = None,
        on_deliveries: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._name = secrets.token_hex(6)
        self._run_counter = itertools.count(1)
        self._database = retrying_database = RetryingDatabase(database, clock_of(clock))
        self._lookups = LookupBatcher(retrying_database)
        self._submissions = SubmitBatcher(retrying_database, settings.max_queued)
        self._leases = leases = Leases(retrying_database, settings.lease_s)

        def due() -> None:
            self.claims.wake()

        self._executor = executor = TaskExecutor(
            retrying_database, leases, settings, handlers, authorize=authorize, on_deliveries=on_deliveries, on_due=due
        )
        self._signals = executor.signals
        self._background_tasks = executor.background_tasks
        self._delivery_acks = DeliveryAcks(retrying_database, executor.background_tasks)
        self.claims = Claims(retrying_database, leases, executor, settings, tuple(handlers), self._worker)
        """What takes tasks from the queue."""
        self._closing = False

    def start(self) -> None:
        """Begin to claim queued tasks; safe to call twice."""
        if not self._closing:
            self.claims.start()

    async def close(self, drain_s: float) -> None:
        """Claim no more, wait up to `drain_s` for what runs, and give the rest back to the queue; safe to call twice.

        What is given back counts neither as an attempt nor as a takeover: another process, or the next start, goes on
        at once.
        """
        self._closing = True
        await self.claims.close(GRACE_S)
        await self._leases.wait(drain_s)
        for run in self._leases.all():
            run.stop("closing")
        await self._leases.wait(GRACE_S)
        self._signals.notify_all()
        self._database.close()
        await self._leases.close()
        await self._background_tasks.close(GRACE_S)

    async def submit(self, new_tasks: Sequence[NewTask]) -> list[TaskConflict | Error | None]:
        """Accept tasks into the queue, in one commit; an answer for each: None = accepted, else why not.

        `TaskConflict` where the id is taken, `RateLimited` where the owner has too many waiting. Raises
        `StoreUnavailable`: then it is not known whether they were accepted.
        """
        answers = await self._submissions.submit(new_tasks)
        if None in answers:
            hit("accepted")
            self.claims.wake()
        return answers

    async def perform(self, new_task: NewTask, run: Body | None = None) -> Task:
        """Accept a task, run it at once and return it finished; raises `TaskConflict` and `StoreUnavailable`.

        `run` is used instead of its kind's runner. A caller that is cancelled leaves the task running.
        """
        return await asyncio.shield(self._background_tasks.spawn(self._perform(new_task, run)))

    @asynccontextmanager
    async def tracked(self, new_task: NewTask) -> AsyncIterator[TrackedTask]:
        """Accept a task that the caller works on inside, and ends by `TrackedTask.done`; raises `TaskConflict`.

        Leaving by `chat.Error` is a failure; leaving otherwise without `done` cancels the task. Where it is to stop
        for another reason, the caller is cancelled inside, and a `chat.Error` leaves.
        """
        caller = asyncio.current_task()
        assert caller is not None, "called inside a task of the event loop"
        run = await self._begin_tracked(new_task)
        tracked = TrackedTask(run)
        cancellations = caller.cancelling()
        run.attach(caller)
        try:
            yield tracked
        except asyncio.CancelledError as cancelled:
            if run.why is None or caller.uncancel() > cancellations:
                self._executor.store_outcome(run, tracked.outcome, None)
                raise
            error = _stop_error(run.why)
            await self._store_and_wait(run, tracked, error)
            raise error from cancelled
        except BaseException as raised:
            _undo_cancellation(caller, run)
            await self._store_and_wait(run, tracked, raised if isinstance(raised, Error) else None)
            raise
        else:
            _undo_cancellation(caller, run)
            await self._store_and_wait(run, tracked, None)

    async def get(self, owner: str, ids: Sequence[str]) -> dict[str, Task]:
        """Return an owner's tasks by their ids, with the freshest progress of those that run here."""
        found = await self._lookups.find(owner, ids)
        return {key: self._with_progress(task) for key, task in found.items()}

    async def finished(self, owner: str, id: str) -> Task | None:
        """Wait until a task has finished and return it, None where there is none.

        Raises `Overloaded` where this process closes before that.
        """
        with self._signals.of((owner, id)) as signal:
            while True:
                signal.clear()
                with suppress(StoreUnavailable):  # it comes back, or whoever waits runs out of patience
                    task = (await self.get(owner, [id])).get(id)
                    if task is None or task.finished:
                        return task
                if self._closing and self._leases.get((owner, id)) is None:
                    raise _stop_error("closing")
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.poll_s):
                        await signal.wait()

    async def undelivered(self, owner: str, session: str, since: float) -> list[Task]:
        """Return the tasks of a session that it has not been told of, sync and async ones, oldest first.

        Those that run still, and those that have finished at or after `since` (Unix seconds).
        """
        acknowledged = set(self._delivery_acks.waiting)
        found = await self._database.read(
            lambda connection, now: reading.undelivered(connection, owner, session, since)
        )
        acknowledged |= self._delivery_acks.waiting
        return [self._with_progress(task) for task in found if (task.owner, task.id) not in acknowledged]

    async def delivered(self, owner: str, ids: Sequence[str]) -> None:
        """Note that the results of tasks have reached their session; written soon, together with others."""
        self._delivery_acks.add((owner, one) for one in ids)

    async def cancel(self, owner: str, id: str) -> Task | None:
        """Cancel a task: at once where it is queued; where it runs, its process is asked to. None: there is none."""
        while True:
            task = (await self.get(owner, [id])).get(id)
            if task is None or task.finished:
                return task
            results_writer = self._executor.results_writer
            if task.state == "queued" and (results_writer.knows(task) or task.webhook is None):
                ended = await self._executor.finish(task, results_writer.cancelled(task), patient=False)
                if ended is not None:
                    return ended
            elif await self._flag(task):
                run = self._leases.get((owner, id))
                if run is not None and run.task.worker == task.worker:
                    run.stop("cancelled")
                return msgspec.structs.replace(task, cancelling=True)

    async def retry(self, owner: str, id: str) -> Task | None:
        """Put a failed or cancelled task into the queue as if it were new.

        None where there is no such task, it is in another state, or what it was asked is thrown away.
        """
        task = await self._database.write(lambda connection, now: queue.retry(connection, owner, id, now))
        if task is not None:
            self.claims.wake()
        return task

    async def list(self, wanted: Wanted) -> Sequence[Task]:
        """Return tasks, latest first, without what was asked and answered."""
        return await self._database.read(lambda connection, now: tasks(connection, wanted))

    async def _perform(self, new_task: NewTask, body: Body | None) -> Task:
        run = await self._begin(new_task)
        if (ended := await self._executor.execute(run, body)) is None:
            # Another process has it, or will: the caller waits for what comes of it there.
            ended = await self.finished(new_task.owner, new_task.id)
        if ended is None:
            raise InternalError("The task was deleted while it ran.")
        return ended

    async def _begin(self, new_task: NewTask) -> RunningTask:
        if self._closing:
            raise _stop_error("closing")
        worker, lease_s = self._worker(), self._settings.lease_s
        task = await self._database.write(
            lambda connection, now: queue.begin(connection, new_task, worker, now, lease_s)
        )
        hit("accepted")
        run = RunningTask(task)
        self._leases.add(run)
        return run

    async def _begin_tracked(self, new_task: NewTask) -> RunningTask:
        """Begin a tracked task; where its caller goes before it has begun, nobody wants it."""
        beginning = self._background_tasks.spawn(self._begin(new_task))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:

            def abandon(begun: asyncio.Task[RunningTask]) -> None:
                if not begun.cancelled() and begun.exception() is None:
                    self._executor.store_outcome(begun.result(), None, None)

            beginning.add_done_callback(abandon)
            raise

    async def _store_and_wait(self, run: RunningTask, tracked: TrackedTask, error: Error | None) -> None:
        await asyncio.wait({self._executor.store_outcome(run, tracked.outcome, error)}, timeout=LEAVE_S)

    async def _flag(self, task: Task) -> bool:
        return await self._database.write(lambda connection, now: queue.flag(connection, task))

    def _with_progress(self, task: Task) -> Task:
        run = self._leases.get((task.owner, task.id))
        if run is None or run.progress is None or task.worker != run.task.worker:
            return task
        return msgspec.structs.replace(task, progress=run.progress)

    def _worker(self) -> str:
        return f"{self._name}-{next(self._run_counter)}"


def _undo_cancellation(caller: asyncio.Task[object], run: RunningTask) -> None:
    """Take back the cancellation that stopping a tracked task was."""
    if run.why is not None:
        caller.uncancel()


def _stop_error(why: Why) -> Error:
    """Return what the caller of a task is told that was stopped."""
    if why == "cancelled":
        return Cancelled("The task was cancelled.")
    if why == "closing":
        return Overloaded("The server is shutting down.", retry_after=1.0)
    return InternalError("The server was not heard of for too long: the task is not its own any more.")
