"""The worker: accepts tasks, runs those of the queue, and keeps what comes of all of them.

One per process. Several on one database share the queue: what one has claimed it holds under a lease; where it is not
heard of any more, another takes over. Whatever is told to a caller has been committed before.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from ..chat import EngineCrashed, Error, InternalError, Overloaded, ServerError
from ..store import StoreUnavailable
from ..store.database import Database
from . import queue, reading, tidy
from .clock import clock as clock_of
from .ending import Ending, Endings
from .leases import Leases, Run, Why
from .ledger import Ledger
from .points import reach
from .queue import Key
from .settings import TaskSettings
from .task import Cancelled, News, Outcome, Progress, Runner, State, Task, TaskConflict
from .tracked import Tracked

log = logging.getLogger("maxserve.tasks")

T = TypeVar("T")

TIDY_EVERY_S = 60.0
LONGEST_RETRY_S = 300.0
"""Between two attempts, however many there are."""
INTERNAL_ATTEMPTS = 2
"""A fault of our own seldom goes away."""
GRACE_S = 5.0
"""What the ends of interrupted tasks have to be written at close."""
LEAVE_S = 2.0
"""How long a caller waits for its tracked task to be stored, where the database is away; it is stored all the same."""


class _Stopped(Exception):
    """A run was stopped before it had an outcome."""


class Work:
    """Runs tasks by their kind's runner.

    `allowed` is asked with the owner before a task of the queue is run, which may be long after it was accepted; it
    raises `chat.Error`. `clock` is used instead of the database's, `on_hooks` called after requests to webhooks were
    committed.
    """

    def __init__(
        self,
        database: Database,
        settings: TaskSettings,
        runners: Mapping[str, Runner],
        *,
        allowed: Callable[[str], None] | None = None,
        clock: Callable[[], float] | None = None,
        on_hooks: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._runners = runners
        self._kinds = tuple(runners)
        self._allowed = allowed
        self._on_hooks = on_hooks
        self._ledger = Ledger(database, clock_of(clock))
        self._leases = Leases(self._ledger, settings.lease_s)
        self._endings = Endings(runners)
        self._name = secrets.token_hex(6)
        self._beginnings = itertools.count(1)
        self._slots: set[asyncio.Task[Task | None]] = set()
        self._jobs: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._hungry = True  # the queue may hold something for us
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._signals: dict[Key, set[asyncio.Event]] = {}
        self._shown: set[Key] = set()  # delivered, and on its way into the database
        self._marking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to claim queued tasks; safe to call twice."""
        if self._loop is None and not self._closing.is_set():
            self._loop = asyncio.create_task(self._work_on())
            self._tidying = asyncio.create_task(self._tidy_on())

    async def close(self, drain_s: float) -> None:
        """Claim no more, wait up to `drain_s` for what runs, and give the rest back to the queue; safe to call twice.

        What is given back is neither an attempt nor a takeover: another process, or the next start, goes on at once.
        """
        self._closing.set()
        self._nudge()
        if self._tidying is not None:
            self._tidying.cancel()
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=drain_s + GRACE_S)
        await self._idle(drain_s)
        for run in self._leases.all():
            run.stop("closing")
        await self._idle(GRACE_S)
        self._signal_all()
        if self._marking is not None:
            await asyncio.wait({self._marking}, timeout=GRACE_S)
        self._ledger.close()
        await self._leases.close()
        left = {job for job in (*self._jobs, self._loop, self._tidying, self._marking) if job and not job.done()}
        if left:
            _, stuck = await asyncio.wait(left, timeout=1.0)
            for job in stuck:
                job.cancel()
            if stuck:
                await asyncio.wait(stuck)

    async def submit(self, news: Sequence[News]) -> list[TaskConflict | Error | None]:
        """Accept tasks into the queue, in one commit; an answer for each: None = accepted, else why not.

        `TaskConflict` where the id is taken, `RateLimited` where the owner has too many waiting. Raises
        `StoreUnavailable`: then it is not known whether they were accepted.
        """
        answers = await self._ledger.write(
            lambda connection, now: queue.submit(connection, news, now, self._settings.max_queued)
        )
        if None in answers:
            reach("accepted")
            self._feed()
        return answers

    async def perform(self, news: News, run: Callable[[Task, Progress], Awaitable[Outcome]] | None = None) -> Task:
        """Accept a task, run it at once and return it finished; raises `TaskConflict` and `StoreUnavailable`.

        `run` is used instead of its kind's runner. A caller that is cancelled leaves the task running.
        """
        return await asyncio.shield(self._spawn(self._perform(news, run)))

    @asynccontextmanager
    async def tracked(self, news: News) -> AsyncIterator[Tracked]:
        """Accept a task that the caller works on inside, and ends by `Tracked.done`; raises `TaskConflict`.

        Leaving by `chat.Error` is a failure; leaving otherwise without `done` cancels the task. Where it is to stop
        for another reason, the caller is cancelled inside, and a `chat.Error` leaves.
        """
        caller = asyncio.current_task()
        assert caller is not None, "inside a task of the event loop"
        run = await self._entered(news)
        tracked = Tracked(run)
        before = caller.cancelling()
        run.attach(caller)
        error: Error | None = None
        try:
            yield tracked
        except asyncio.CancelledError as cancelled:
            if run.why is None or caller.uncancel() > before:
                self._leave(run, tracked.outcome, None)
                raise
            error = _stopped(run.why)
            await self._left(run, tracked.outcome, error)
            raise error from cancelled
        except BaseException as raised:
            if run.why is not None:
                caller.uncancel()
            error = raised if isinstance(raised, Error) else None
            await self._left(run, tracked.outcome, error)
            raise
        else:
            if run.why is not None:
                caller.uncancel()
            await self._left(run, tracked.outcome, error)

    async def get(self, owner: str, ids: Sequence[str]) -> dict[str, Task]:
        """Return an owner's tasks by their ids, with the freshest progress of those that run here."""
        found = await self._ledger.read(lambda connection, now: reading.find(connection, owner, ids))
        return {key: self._fresh(task) for key, task in found.items()}

    async def finished(self, owner: str, id: str) -> Task | None:
        """Wait until a task has finished and return it, None where there is none.

        Raises `Overloaded` where this process closes before that.
        """
        signals = self._signals.setdefault((owner, id), set())
        signal = asyncio.Event()
        signals.add(signal)
        try:
            while True:
                signal.clear()
                with suppress(StoreUnavailable):  # it may come back, and nobody is helped by less patience
                    task = (await self.get(owner, [id])).get(id)
                    if task is None or task.finished:
                        return task
                if self._closing.is_set() and self._leases.get((owner, id)) is None:
                    raise _stopped("closing")
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.poll_s):
                        await signal.wait()
        finally:
            signals.discard(signal)
            if not signals and self._signals.get((owner, id)) is signals:
                del self._signals[owner, id]

    async def undelivered(self, owner: str, session: str, since: float) -> list[Task]:
        """Return the sync tasks of a session that it has not been told of, oldest first.

        Those that run still, and those that have finished at or after `since` (Unix seconds).
        """
        shown = set(self._shown)
        found = await self._ledger.read(lambda connection, now: reading.undelivered(connection, owner, session, since))
        shown |= self._shown
        return [self._fresh(task) for task in found if (task.owner, task.id) not in shown]

    async def delivered(self, owner: str, ids: Sequence[str]) -> None:
        """Note that the results of tasks have reached their session; written soon, together with others."""
        self._shown.update((owner, one) for one in ids)
        if self._shown and (self._marking is None or self._marking.done()):
            self._marking = asyncio.create_task(self._mark())

    async def cancel(self, owner: str, id: str) -> Task | None:
        """Cancel a task: at once where it is queued; where it runs, its process is asked to. None: there is none."""
        while True:
            task = (await self.get(owner, [id])).get(id)
            if task is None or task.finished:
                return task
            if task.state == "queued" and (self._endings.knows(task) or task.webhook is None):
                if (ended := await self._finish(task, self._endings.cancelled(task))) is not None:
                    return ended
            elif await self._flag(task):
                if self._leases.ours(task) and (run := self._leases.get((owner, id))) is not None:
                    run.stop("cancelled")
                return msgspec.structs.replace(task, cancelling=True)

    async def retry(self, owner: str, id: str) -> Task | None:
        """Put a failed or cancelled task into the queue as if it were new.

        None where there is no such task, it is in another state, or what it was asked is thrown away.
        """
        task = await self._ledger.write(lambda connection, now: queue.retry(connection, owner, id, now))
        if task is not None:
            self._feed()
        return task

    async def list(
        self, *, owner: str | None = None, state: State | None = None, before: float | None = None, limit: int = 100
    ) -> Sequence[Task]:
        """Return tasks, latest first, without payloads, results and errors; None is any. `before`: created before."""
        return await self._ledger.read(
            lambda connection, now: reading.listing(connection, owner=owner, state=state, before=before, limit=limit)
        )

    async def look(self) -> None:
        """Take over what others have left, and see whether the queue holds anything for us.

        Raises what reading does.
        """
        free = self._settings.concurrency - len(self._slots)
        per_key = self._settings.per_key

        def step(connection: Connection, now: float) -> tuple[Sequence[Task], bool]:
            late = queue.overdue(connection, self._kinds, now)
            return late, free > 0 and queue.due(connection, self._kinds, now, limit=1, per_key=per_key)

        late, due = await self._ledger.read(step)
        self._hungry = self._hungry or due
        for task in late:
            if not self._leases.ours(task):
                try:
                    await self._take_over(task)
                except StoreUnavailable:
                    raise
                except Exception:
                    log.exception("task %s could not be taken over", task.id)

    async def claim(self) -> None:
        """Claim as many tasks as there is room for, and run them; raises what the write does."""
        settings = self._settings
        free = settings.concurrency - len(self._slots)
        if not self._hungry or free <= 0 or self._closing.is_set():
            return
        self._hungry = False  # what is submitted from here on sets it again
        worker = self._worker()
        try:
            claimed = await self._ledger.write(
                lambda connection, now: queue.claim(
                    connection,
                    worker,
                    self._kinds,
                    now,
                    lease_s=settings.lease_s,
                    limit=free,
                    per_key=settings.per_key,
                )
            )
        except BaseException:
            self._hungry = True
            raise
        self._hungry = self._hungry or claimed.more
        if claimed.tasks:
            reach("claimed")
        for task in claimed.tasks:
            run = Run(task)
            self._leases.hold(run)
            job = self._spawn(self._carry(run, None))
            self._slots.add(job)
            job.add_done_callback(self._freed)

    async def tidy(self) -> None:
        """Empty old tasks and forget older ones; raises what the write does."""
        settings = self._settings
        age_s = settings.keep_s + settings.remember_s
        while await self._ledger.write(lambda connection, now: tidy.expire(connection, now, settings.keep_s)):
            pass
        while await self._ledger.write(lambda connection, now: tidy.forget(connection, now, age_s)):
            pass

    async def _work_on(self) -> None:
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        while not self._closing.is_set():
            self._wake.clear()
            try:
                if loop.time() >= poll_at:
                    poll_at = loop.time() + self._settings.poll_s
                    await self.look()
                await self.claim()
            except StoreUnavailable:
                pass  # said by the ledger; the next poll tries again
            except Exception:
                log.exception("no tasks could be claimed")
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
                log.exception("old tasks could not be thrown away")
            await asyncio.sleep(TIDY_EVERY_S)

    async def _perform(self, news: News, own: Callable[[Task, Progress], Awaitable[Outcome]] | None) -> Task:
        run = await self._begin(news)
        if (ended := await self._carry(run, own)) is None:
            # Another process has it, or will: the caller waits for what comes of it there.
            ended = await self.finished(news.owner, news.id)
        if ended is None:
            raise InternalError("The task was deleted while it ran.")
        return ended

    async def _begin(self, news: News) -> Run:
        if self._closing.is_set():
            raise _stopped("closing")
        worker = self._worker()
        lease_s = self._settings.lease_s
        task = await self._ledger.write(lambda connection, now: queue.begin(connection, news, worker, now, lease_s))
        reach("accepted")
        run = Run(task)
        self._leases.hold(run)
        return run

    async def _entered(self, news: News) -> Run:
        """Begin a tracked task; where its caller goes before it has begun, nobody wants it."""
        beginning = self._spawn(self._begin(news))
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:

            def abandon(begun: asyncio.Task[Run]) -> None:
                if not begun.cancelled() and begun.exception() is None:
                    self._leave(begun.result(), None, None)

            beginning.add_done_callback(abandon)
            raise

    def _leave(self, run: Run, outcome: Outcome | None, error: Error | None) -> asyncio.Task[None]:
        """Store the end of a tracked task, in the background."""
        run.ending = True
        if outcome is not None:
            ending = self._endings.succeeded(run.task, outcome)
        else:
            ending = self._endings.failed(run.task, error or Cancelled("The client went before the answer was whole."))
        return self._spawn(self._end(run, ending))

    async def _left(self, run: Run, outcome: Outcome | None, error: Error | None) -> None:
        await asyncio.wait({self._leave(run, outcome, error)}, timeout=LEAVE_S)

    async def _end(self, run: Run, ending: Ending) -> None:
        try:
            if run.why != "lost":
                await self._finish(run.task, ending)
        except StoreUnavailable:
            log.warning("task %s ended, but could not be stored: its lease will end", run.task.id)
        except Exception:
            log.exception("task %s ended, but could not be stored: its lease will end", run.task.id)
        finally:
            self._leases.drop(run)
            self._signal(run.key)

    async def _carry(self, run: Run, own: Callable[[Task, Progress], Awaitable[Outcome]] | None) -> Task | None:
        """Run a task and write its end; None where that is another's to write by now, or it is to be run again."""
        task = run.task
        try:
            try:
                outcome = await self._outcome(run, own)
            except _Stopped:
                if run.why == "closing":
                    await self._give_back(task)
                    return None
                return None if run.why == "lost" else await self._finish(task, self._endings.cancelled(task))
            except Error as error:
                if (pause := self._pause(task, error)) is None:
                    return await self._finish(task, self._endings.failed(task, error))
                log.warning("task %s failed and is tried again in %.1f s: %s", task.id, pause, error.message)
                await self._try_again(task, pause)
                return None
            return await self._finish(task, self._endings.succeeded(task, outcome))
        except StoreUnavailable:
            log.warning("task %s ended, but could not be stored: its lease will end", task.id)
        except Exception:
            log.exception("task %s ended, but could not be stored: its lease will end", task.id)
        finally:
            self._leases.drop(run)
            self._signal(run.key)
        return None

    async def _outcome(self, run: Run, own: Callable[[Task, Progress], Awaitable[Outcome]] | None) -> Outcome:
        """Run a task; raises `chat.Error` whatever goes wrong, and `_Stopped`."""
        task = run.task
        job = asyncio.ensure_future(self._attempt(task, own or self._runners[task.kind].run, run.report))
        run.attach(job)
        try:
            await asyncio.wait({job})
        except asyncio.CancelledError:
            job.cancel()
            raise
        run.begun()
        stopped = run.why is not None
        run.ending = True
        if not job.cancelled() and (error := job.exception()) is None:
            if run.why == "lost":
                raise _Stopped
            return job.result()
        if stopped:
            raise _Stopped
        if not job.cancelled() and isinstance(error, Error):
            raise error
        log.error("task %s failed by a mistake of the server", task.id, exc_info=None if job.cancelled() else error)
        raise InternalError("The server made a mistake; it is logged under the task's id.")

    async def _attempt(
        self, task: Task, run: Callable[[Task, Progress], Awaitable[Outcome]], report: Progress
    ) -> Outcome:
        if self._allowed is not None and not task.direct:
            self._allowed(task.owner)
        return await run(task, report)

    def _pause(self, task: Task, error: Error) -> float | None:
        """Return the seconds until a failed task is tried again, None where it is not."""
        most = self._settings.max_attempts
        if isinstance(error, InternalError):
            most = min(most, INTERNAL_ATTEMPTS)
        if task.direct or not isinstance(error, ServerError) or task.attempts >= most:
            return None
        pause = self._settings.retry_delay_s * 2.0 ** min(task.attempts - 1, 32)
        return min(max(pause, error.retry_after or 0.0), LONGEST_RETRY_S)

    async def _finish(self, task: Task, ending: Ending, *, late: bool = False) -> Task | None:
        """Write how a task ended and return it; None where it was not ours to end."""

        def step(connection: Connection, now: float) -> float | None:
            return now if queue.finish(connection, task, ending, now, late=late) else None

        if (at := await self._ledger.insist(step)) is None:
            return None
        reach("result")
        self._signal((task.owner, task.id))
        if ending.hooks and self._on_hooks is not None:
            self._on_hooks()
        return ending.of(task, at)

    async def _try_again(self, task: Task, pause: float) -> None:
        await self._ledger.insist(lambda connection, now: queue.requeue(connection, task, now, pause_s=pause))
        asyncio.get_running_loop().call_later(pause, self._feed)

    async def _flag(self, task: Task) -> bool:
        return await self._ledger.write(lambda connection, now: queue.flag(connection, task))

    async def _give_back(self, task: Task) -> None:
        await self._ledger.insist(lambda connection, now: queue.requeue(connection, task, now))

    async def _take_over(self, task: Task) -> None:
        """See to a task whose process is not heard of any more, or that was cancelled in the queue."""
        if task.cancelling:
            await self._finish(task, self._endings.cancelled(task), late=True)
        elif task.direct and task.delivery == "stream":
            error = EngineCrashed("The server ended while it streamed the answer.")
            await self._finish(task, self._endings.failed(task, error), late=True)
        elif task.takeovers >= self._settings.max_takeovers:
            times = task.takeovers + 1
            error = EngineCrashed(f"The server ended {times} times while it worked on this task.")
            await self._finish(task, self._endings.failed(task, error), late=True)
        elif await self._ledger.write(lambda connection, now: queue.requeue(connection, task, now, taken_over=True)):
            log.warning("task %s goes back into the queue: its process was not heard of any more", task.id)
            self._hungry = True

    async def _mark(self) -> None:
        while batch := frozenset(self._shown):
            try:
                await self._ledger.insist(partial(_mark_delivered, batch))
            except Exception:
                log.exception("what was delivered could not be noted")
            self._shown -= batch

    async def _idle(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leases.idle.wait()

    def _fresh(self, task: Task) -> Task:
        run = self._leases.get((task.owner, task.id))
        if run is None or run.progress is None or task.worker != run.task.worker:
            return task
        return msgspec.structs.replace(task, progress=run.progress)

    def _worker(self) -> str:
        return f"{self._name}-{next(self._beginnings)}"

    def _feed(self) -> None:
        self._hungry = True
        self._nudge()

    def _nudge(self) -> None:
        self._wake.set()

    def _freed(self, job: asyncio.Task[Task | None]) -> None:
        self._slots.discard(job)
        self._nudge()

    def _signal(self, key: Key) -> None:
        for signal in self._signals.get(key, ()):
            signal.set()

    def _signal_all(self) -> None:
        for key in self._signals:
            self._signal(key)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        job = asyncio.create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job


def _mark_delivered(keys: frozenset[Key], connection: Connection, now: float) -> None:
    queue.mark_delivered(connection, keys, now)


def _stopped(why: Why) -> Error:
    """Return what the caller of a task is told that was stopped."""
    if why == "cancelled":
        return Cancelled("The task was cancelled.")
    if why == "closing":
        return Overloaded("The server is shutting down.", retry_after=1.0)
    return InternalError("The server was not heard of for too long: the task is not its own any more.")
