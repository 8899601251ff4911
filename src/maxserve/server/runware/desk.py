"""Where Runware's tasks are taken in and what came of them is handed out, whichever way they came."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

import msgspec

from ...chat import EngineUnavailable, Error
from ...dialects.runware import (
    PONG,
    AccountDetails,
    Asked,
    Authentication,
    Fault,
    GetResponse,
    GetTaskDetails,
    Limits,
    ModelSearch,
    Ping,
    RunwareDoor,
    Spent,
    TextInference,
    account,
    acknowledgement,
    authenticated,
    dry_items,
    found,
    missing_key,
    read_array,
    read_task,
)
from ...tasks import Delivery, News, Outcome, Progress, Task
from ..state import State
from .answered import Answered, refused
from .caller import Caller, new_session
from .polls import Polls, failure_of
from .runner import KIND, RunwareRunner, payload

if TYPE_CHECKING:
    from ...tasks.work import Work

DAY_S = 86_400.0
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Desk:
    """Attends to tasks: what goes wrong with one is its answer."""

    def __init__(self, state: State, runner: RunwareRunner) -> None:
        settings = state.config.runware
        self.state = state
        self.runner = runner
        self.door = RunwareDoor()
        self.polls = Polls(self.work, runner, settings.resume_s)
        self._service = state.service
        self._catalogue = state.service.catalogue
        self._limits = Limits(
            catalogue=self._catalogue,
            max_tasks=settings.max_tasks,
            reasoning=settings.reasoning,
            webhook=self._callable,
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

    def read(self, body: bytes, key: str | None) -> list[Asked | Fault]:
        """Read the tasks of a body; raises `Error` where it is none."""
        return read_array(body, self._limits, key)

    async def work(self) -> Work:
        """Return what keeps the tasks; raises `StoreError`."""
        return await self.state.storage.work()

    async def attend(self, item: Asked | Fault, caller: Caller) -> Answered:
        """Do what a task asks for. A generation is waited for; those that are not are for `submit`."""
        try:
            return await self._attend(item, caller)
        except Exception as error:
            return refused(item, error)

    async def submit(self, tasks: Sequence[TextInference], caller: Caller) -> list[Answered]:
        """Accept generations into the queue, in their order: what is acknowledged is in the database."""
        wrong: dict[int, Exception] = {}
        news: list[News] = []
        for i, asked in enumerate(tasks):
            try:
                self.check(asked)
                news.append(self.news(asked, caller, "async"))
            except Exception as error:
                wrong[i] = error
        verdicts: Iterator[Exception | None]
        try:
            verdicts = iter(await (await self.work()).submit(news) if news else ())
        except Exception as error:
            verdicts = repeat(error)
        answers = []
        for i, asked in enumerate(tasks):
            why = wrong[i] if i in wrong else next(verdicts)
            answers.append(Answered(data=(acknowledgement(asked.uuid),)) if why is None else refused(asked, why))
        return answers

    def check(self, asked: TextInference) -> None:
        """Raise `Error` where a generation cannot be done as it stands.

        Where it is to be done later, an engine that is not there yet is no reason.
        """
        try:
            self._service.plan(asked.request)
        except EngineUnavailable:
            if asked.delivery != "async":
                raise

    def news(self, asked: TextInference, caller: Caller, delivery: Delivery) -> News:
        """Return a generation as the database will know it."""
        return News(
            owner=caller.owner,
            id=asked.id,
            kind=KIND,
            delivery=delivery,
            payload=payload(asked),
            model=asked.model.name,
            webhook=asked.webhook,
            session=None if delivery == "stream" else caller.session,
        )

    async def _attend(self, item: Asked | Fault, caller: Caller) -> Answered:
        match item:
            case Fault(error=error):
                return refused(item, error)
            case TextInference():
                return await (self.price(item) if caller.dry else self._generate(item, caller))
            case GetResponse():
                return await self.polls.answer(item.uuid, item.id, caller)
            case GetTaskDetails():
                return await self.polls.details(item.uuid, item.id, caller)
            case ModelSearch():
                return Answered(data=(found(item, self._catalogue),))
            case AccountDetails():
                return Answered(data=(account(item, caller.owner or None, await self._spent(caller)),))
            case Authentication():
                return Answered(data=(authenticated(new_session(item.session)),))
            case Ping():
                return Answered(data=(PONG,))

    async def price(self, asked: TextInference) -> Answered:
        """Check a generation, count its prompt and say what it costs at most; nothing is kept of it."""
        prompt = await self._service.count(asked.request)
        info = self._service.engine(asked.model).info
        wanted = asked.request.max_tokens or asked.model.max_output
        return Answered(data=dry_items(asked, prompt, max(1, min(wanted, info.context - prompt))))

    async def _generate(self, asked: TextInference, caller: Caller) -> Answered:
        """Do a generation and wait for it; it goes on where the waiting is given up."""
        self.check(asked)
        failures: list[Error] = []
        checkpoints: list[str] = []

        async def run(task: Task, progress: Progress) -> Outcome:
            try:
                gathered = await self.runner.gather(asked, progress)
            except Error as error:
                failures.append(error)
                raise
            checkpoints.append(gathered.checkpoint)
            return await self.runner.outcome(asked, gathered)

        work = await self.work()
        task = await work.perform(self.news(asked, caller, "sync"), run)
        waiting = asked.id if caller.session is not None else None
        if task.state == "succeeded":
            return Answered(data=task.results, checkpoint="".join(checkpoints), id=waiting)
        return refused(asked, failures[-1] if failures else failure_of(task), id=waiting)

    async def _spent(self, caller: Caller) -> dict[str, Spent]:
        """What the caller's tasks came to, as far as they are remembered."""
        from ...tasks.spent import spent

        now = time.time()
        since = {"total": 0.0, "today": now - now % DAY_S, "last7Days": now - 7 * DAY_S, "last30Days": now - 30 * DAY_S}
        database = await self.state.storage.database()
        found = await database.read(lambda connection: spent(connection, caller.owner, since))
        return {name: Spent(round(dollars, 12), number) for name, (dollars, number) in found.items()}

    def _callable(self, url: str) -> None:
        self.state.storage.guard.check(url)
