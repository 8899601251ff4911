"""The worker: accepts tasks, runs those of the queue, and keeps what comes of all of them.

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
    """Runs tasks by their kind's runner.

    `allowed` is asked with the owner before a task of the queue is run, which may be long after it was accepted; it
    raises `chat.Error`. `clock` is used instead of the database's, `on_hooks` called after requests to webhooks were
    committed.
    """

    def __init__(
        self,
        database: Database,
        settings: TaskSettings,
        runners: Mapping[str, TaskHandler],
        *,
        allowed: Callable[[str], None] | None = None,
        clock: Callable[[], float] | None = None,
        on_hooks: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._name = secrets.token_hex(6)
        self._beginnings = itertools.count(1)
        self._ledger = ledger = RetryingDatabase(database, clock_of(clock))
        self._finder = LookupBatcher(ledger)
        self._intake = SubmitBatcher(ledger, settings.max_queued)
        self._leases = leases = Leases(ledger, settings.lease_s)

        def due() -> None:
            self.claims.feed()

        self._carrier = carrier = TaskExecutor(
            ledger, leases, settings, runners, allowed=allowed, on_hooks=on_hooks, on_due=due
        )
        self._signals = carrier.signals
        self._jobs = carrier.jobs
        self._marks = DeliveryAcks(ledger, carrier.jobs)
        self.claims = Claims(ledger, leases, carrier, settings, tuple(runners), self._worker)
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
        self._signals.tell_all()
        self._ledger.close()
        await self._leases.close()
        await self._jobs.close(GRACE_S)

    async def submit(self, news: Sequence[NewTask]) -> list[TaskConflict | Error | None]:
        """Accept tasks into the queue, in one commit; an answer for each: None = accepted, else why not.

        `TaskConflict` where the id is taken, `RateLimited` where the owner has too many waiting. Raises
        `StoreUnavailable`: then it is not known whether they were accepted.
        """
        answers = await self._intake.submit(news)
        if None in answers:
            hit("accepted")
            self.claims.feed()
        return answers

    async def perform(self, news: NewTask, run: Body | None = None) -> Task:
        """Accept a task, run it at once and return it finished; raises `TaskConflict` and `StoreUnavailable`.

        `run` is used instead of its kind's runner. A caller that is cancelled leaves the task running.
        """
        return await asyncio.shield(self._jobs.spawn(self._perform(news, run)))

    @asynccontextmanager
    async def tracked(self, news: NewTask) -> AsyncIterator[TrackedTask]:
        """Accept a task that the caller works on inside, and ends by `TrackedTask.done`; raises `TaskConflict`.

        Leaving by `chat.Error` is a failure; leaving otherwise without `done` cancels the task. Where it is to stop
        for another reason, the caller is cancelled inside, and a `chat.Error` leaves.
        """
        caller = asyncio.current_task()
        assert caller is not None, "called inside a task of the event loop"
        run = await self._entered(news)
        tracked = TrackedTask(run)
        cancellations = caller.cancelling()
        run.attach(caller)
        try:
            yield tracked
        except asyncio.CancelledError as cancelled:
            if run.why is None or caller.uncancel() > cancellations:
                self._carrier.leave(run, tracked.outcome, None)
                raise
            error = _stopped(run.why)
            await self._left(run, tracked, error)
            raise error from cancelled
        except BaseException as raised:
            _forgive(caller, run)
            await self._left(run, tracked, raised if isinstance(raised, Error) else None)
            raise
        else:
            _forgive(caller, run)
            await self._left(run, tracked, None)

    async def get(self, owner: str, ids: Sequence[str]) -> dict[str, Task]:
        """Return an owner's tasks by their ids, with the freshest progress of those that run here."""
        found = await self._finder.find(owner, ids)
        return {key: self._fresh(task) for key, task in found.items()}

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
                    raise _stopped("closing")
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.poll_s):
                        await signal.wait()

    async def undelivered(self, owner: str, session: str, since: float) -> list[Task]:
        """Return the tasks of a session that it has not been told of, sync and async ones, oldest first.

        Those that run still, and those that have finished at or after `since` (Unix seconds).
        """
        told = set(self._marks.waiting)
        found = await self._ledger.read(lambda connection, now: reading.undelivered(connection, owner, session, since))
        told |= self._marks.waiting
        return [self._fresh(task) for task in found if (task.owner, task.id) not in told]

    async def delivered(self, owner: str, ids: Sequence[str]) -> None:
        """Note that the results of tasks have reached their session; written soon, together with others."""
        self._marks.add((owner, one) for one in ids)

    async def cancel(self, owner: str, id: str) -> Task | None:
        """Cancel a task: at once where it is queued; where it runs, its process is asked to. None: there is none."""
        while True:
            task = (await self.get(owner, [id])).get(id)
            if task is None or task.finished:
                return task
            endings = self._carrier.endings
            if task.state == "queued" and (endings.knows(task) or task.webhook is None):
                ended = await self._carrier.finish(task, endings.cancelled(task), patient=False)
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
        task = await self._ledger.write(lambda connection, now: queue.retry(connection, owner, id, now))
        if task is not None:
            self.claims.feed()
        return task

    async def list(self, wanted: Wanted) -> Sequence[Task]:
        """Return tasks, latest first, without what was asked and answered."""
        return await self._ledger.read(lambda connection, now: tasks(connection, wanted))

    async def _perform(self, news: NewTask, body: Body | None) -> Task:
        run = await self._begin(news)
        if (ended := await self._carrier.carry(run, body)) is None:
            # Another process has it, or will: the caller waits for what comes of it there.
            ended = await self.finished(news.owner, news.id)
        if ended is None:
            raise InternalError("The task was deleted while it ran.")
        return ended

    async def _begin(self, news: NewTask) -> RunningTask:
        if self._closing:
            raise _stopped("closing")
        worker, lease_s = self._worker(), self._settings.lease_s
        task = await self._ledger.write(lambda connection, now: queue.begin(connection, news, worker, now, lease_s))
        hit("accepted")
        run = RunningTask(task)
        self._leases.hold(run)
        return run

    async def _entered(self, news: NewTask) -> RunningTask:
        """Begin a tracked task; where its caller goes before it has begun, nobody wants it."""
        beginning = self._jobs.spawn(self._begin(news))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:

            def abandon(begun: asyncio.Task[RunningTask]) -> None:
                if not begun.cancelled() and begun.exception() is None:
                    self._carrier.leave(begun.result(), None, None)

            beginning.add_done_callback(abandon)
            raise

    async def _left(self, run: RunningTask, tracked: TrackedTask, error: Error | None) -> None:
        await asyncio.wait({self._carrier.leave(run, tracked.outcome, error)}, timeout=LEAVE_S)

    async def _flag(self, task: Task) -> bool:
        return await self._ledger.write(lambda connection, now: queue.flag(connection, task))

    def _fresh(self, task: Task) -> Task:
        run = self._leases.get((task.owner, task.id))
        if run is None or run.progress is None or task.worker != run.task.worker:
            return task
        return msgspec.structs.replace(task, progress=run.progress)

    def _worker(self) -> str:
        return f"{self._name}-{next(self._beginnings)}"


def _forgive(caller: asyncio.Task[object], run: RunningTask) -> None:
    """Take back the cancellation that stopping a tracked task was."""
    if run.why is not None:
        caller.uncancel()


def _stopped(why: Why) -> Error:
    """Return what the caller of a task is told that was stopped."""
    if why == "cancelled":
        return Cancelled("The task was cancelled.")
    if why == "closing":
        return Overloaded("The server is shutting down.", retry_after=1.0)
    return InternalError("The server was not heard of for too long: the task is not its own any more.")
