"""Accepts Runware's tasks and returns their replies, for both transports."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import repeat

import msgspec

from ...apis.runware import (
    PONG,
    AccountDetails,
    Authentication,
    GetResponse,
    GetTaskDetails,
    InvalidTask,
    ModelSearch,
    Ping,
    RunwareErrorAdapter,
    Spent,
    TaskLimits,
    TaskRequest,
    TextInference,
    account,
    acknowledgement,
    authenticated,
    conflict,
    dry_items,
    found,
    missing_key,
    read_array,
    read_task,
)
from ...chat import EngineUnavailable, Error
from ...tasks import Delivery, NewTask, Outcome, Progress, Task, TaskConflict
from ...tasks.usage import usage_since
from ...tasks.worker import Worker
from ..lifecycle import Gate, RequestRecord
from ..state import State
from .caller import Principal, new_session
from .task_handler import KIND, RunwareTaskHandler, payload
from .task_reply import TaskReply, describe, refused
from .task_status import TaskStatus, failure_of

DAY_S = 86_400.0
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class TaskService:
    """Attends to tasks: what goes wrong with one is its answer."""

    def __init__(self, state: State, gate: Gate, handler: RunwareTaskHandler) -> None:
        settings = state.config.runware
        self.state = state
        self.gate = gate
        self.handler = handler
        self.adapter = RunwareErrorAdapter()
        self.status = TaskStatus(self.worker, handler, settings.resume_s)
        self._service = state.service
        self._catalogue = state.service.catalogue
        self._limits = TaskLimits(
            catalogue=self._catalogue,
            max_tasks=settings.max_tasks,
            reasoning=settings.reasoning,
            webhook=self._check_webhook,
        )

    def key_in(self, body: bytes) -> str | None:
        """Return the id of the key that a body's first task brings; raises `Unauthorized` and its kin."""
        try:
            first = read_task(bytes(_raws(body)[0]), self._limits)
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
            raise missing_key() from None
        if not isinstance(first, Authentication):
            raise missing_key()
        return self.state.keys.identify(first.api_key)

    def read(self, body: bytes, key: str | None) -> list[TaskRequest | InvalidTask]:
        """Read the tasks of a body; raises `Error` where it is none."""
        return read_array(body, self._limits, key)

    async def worker(self) -> Worker:
        """Return what keeps the tasks; raises `StoreError`."""
        return await self.state.storage.worker()

    async def handle(self, item: TaskRequest | InvalidTask, caller: Principal) -> TaskReply:
        """Do what a task asks for. A generation is waited for; those that are not are for `submit`."""
        started = time.perf_counter()
        try:
            reply = await self._handle(item, caller)
        except Exception as error:
            reply = self.refuse(item, error, caller)
        self._observe(item, reply, started, caller)
        return reply

    def refuse(self, item: TaskRequest | InvalidTask, error: Exception, caller: Principal) -> TaskReply:
        """Return the reply to a task that failed; what is not the client's fault is logged."""
        if isinstance(error, TaskConflict):
            return refused(item, conflict(describe(item)[1] or error.id))
        return refused(item, self.gate.public_error(error, caller.request_id))

    def _observe(self, item: TaskRequest | InvalidTask, reply: TaskReply, started: float, caller: Principal) -> None:
        kind, uuid = describe(item)
        if kind is None:  # keep-alive and authentication frames are no tasks
            return
        record = RequestRecord(
            method="TASK",
            path=f"{kind} {uuid or '-'}",
            status=reply.status,
            duration_s=time.perf_counter() - started,
            request_id=caller.request_id,
            key=caller.owner or None,
            model=item.model.name if isinstance(item, TextInference) else None,
            error=reply.error,
        )
        self.gate.observe(record)

    async def submit(self, tasks: Sequence[TextInference], caller: Principal) -> list[TaskReply]:
        """Accept generations into the queue, in their order: what is acknowledged is in the database."""
        started = time.perf_counter()
        wrong: dict[int, Exception] = {}
        new_tasks: list[NewTask] = []
        for i, inference in enumerate(tasks):
            try:
                self.check(inference)
                new_tasks.append(self.new_task(inference, caller, "async"))
            except Exception as error:
                wrong[i] = error
        verdicts: Iterator[Exception | None]
        try:
            verdicts = iter(await (await self.worker()).submit(new_tasks) if new_tasks else ())
        except Exception as error:
            verdicts = repeat(error)
        answers = []
        for i, inference in enumerate(tasks):
            why = wrong[i] if i in wrong else next(verdicts)
            reply = (
                TaskReply(data=(acknowledgement(inference.uuid),))
                if why is None
                else self.refuse(inference, why, caller)
            )
            self._observe(inference, reply, started, caller)
            answers.append(reply)
        return answers

    def check(self, inference: TextInference) -> None:
        """Raise `Error` where a generation cannot be done as it stands.

        Where it is to be done later, an engine that is not there yet is no reason.
        """
        try:
            self._service.plan(inference.request)
        except EngineUnavailable:
            if inference.delivery != "async":
                raise

    def new_task(self, inference: TextInference, caller: Principal, delivery: Delivery) -> NewTask:
        """Return a generation as the database will know it."""
        return NewTask(
            owner=caller.owner,
            id=inference.id,
            kind=KIND,
            delivery=delivery,
            payload=payload(inference),
            model=inference.model.name,
            webhook=inference.webhook,
            session=None if delivery == "stream" else caller.session,
        )

    async def _handle(self, item: TaskRequest | InvalidTask, caller: Principal) -> TaskReply:
        match item:
            case InvalidTask(error=error):
                return refused(item, error)
            case TextInference():
                return await (self.price(item) if caller.dry_run else self._generate(item, caller))
            case GetResponse():
                return await self.status.answer(item.uuid, item.id, caller)
            case GetTaskDetails():
                return await self.status.details(item.uuid, item.id, caller)
            case ModelSearch():
                return TaskReply(data=(found(item, self._catalogue),))
            case AccountDetails():
                return TaskReply(data=(account(item, caller.owner or None, await self._usage(caller)),))
            case Authentication():
                return TaskReply(data=(authenticated(new_session(item.session)),))
            case Ping():
                return TaskReply(data=(PONG,))

    async def price(self, inference: TextInference) -> TaskReply:
        """Check a generation, count its prompt and say what it costs at most; nothing is kept of it."""
        prompt = await self._service.count(inference.request)
        info = self._service.engine(inference.model).info
        wanted = inference.request.max_tokens or inference.model.max_output
        return TaskReply(data=dry_items(inference, prompt, max(1, min(wanted, info.context - prompt))))

    async def _generate(self, inference: TextInference, caller: Principal) -> TaskReply:
        """Do a generation and wait for it; it goes on where the waiting is given up."""
        self.check(inference)
        failures: list[Error] = []
        checkpoints: list[str] = []

        async def run(task: Task, progress: Progress) -> Outcome:
            try:
                completion = await self.handler.gather(inference, progress)
            except Error as error:
                failures.append(error)
                raise
            checkpoints.append(completion.checkpoint)
            return await self.handler.outcome(inference, completion)

        worker = await self.worker()
        task = await worker.perform(self.new_task(inference, caller, "sync"), run)
        waiting = inference.id if caller.session is not None else None
        if task.state == "succeeded":
            return TaskReply(data=task.results, checkpoint="".join(checkpoints), id=waiting)
        return refused(inference, failures[-1] if failures else failure_of(task), id=waiting)

    async def _usage(self, caller: Principal) -> dict[str, Spent]:
        """What the caller's tasks came to, as far as they are remembered."""
        now = time.time()
        since = {"total": 0.0, "today": now - now % DAY_S, "last7Days": now - 7 * DAY_S, "last30Days": now - 30 * DAY_S}
        database = await self.state.storage.database()
        found = await database.read(lambda connection: usage_since(connection, caller.owner, since))
        return {name: Spent(round(dollars, 12), number) for name, (dollars, number) in found.items()}

    def _check_webhook(self, url: str) -> None:
        self.state.storage.guard.check(url)
