"""The task handler of Runware's text tasks, for waiting callers and for the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any

import msgspec

from ...apis.runware import (
    TaskLimits,
    TextInference,
    cost_of,
    error_item,
    items,
    read_text,
    redacted,
    task_cancelled,
)
from ...chat import Completion, CompletionBuilder, EngineTimeout, Error, Event, InternalError, Progress, Started
from ...config import Config
from ...service import Service
from ...tasks import Outcome, Task
from ...tasks import Progress as Told
from ...tasks.task import Cancelled

KIND = "runware"


LOOK_S = 0.25
"""How often an engine is looked at that is not ready yet."""
LONG = 16_384
"""Bytes of a task from which on masking it is a thread's work."""


class Payload(msgspec.Struct, frozen=True):
    """What is stored of a task: as it was sent, and the seed that was drawn for it: done again, it is the same."""

    task: msgspec.Raw
    seed: int


class _Named(msgspec.Struct):
    uuid: str = msgspec.field(name="taskUUID")


_encode = msgspec.json.Encoder().encode
_payload = msgspec.json.Decoder(Payload).decode
_named = msgspec.json.Decoder(_Named).decode


class RunwareTaskHandler:
    """The runner of the tasks whose kind is "runware"."""

    def __init__(self, service: Service, config: Config) -> None:
        self._service = service
        self._seconds = config.limits.request_timeout_s
        self._limits = TaskLimits(catalogue=service.catalogue, reasoning=config.runware.reasoning)

    async def run(self, task: Task, progress: Told) -> Outcome:
        """Do a task of the queue; raises `chat.Error`. An engine that is on its way is waited for."""
        inference = self.inference(task)
        engine = self._service.engine(inference.model)
        while engine.state in ("starting", "restarting"):  # noqa: ASYNC110 - engines tell nobody when they are ready
            await asyncio.sleep(LOOK_S)
        return await self.outcome(inference, await self.gather(inference, progress))

    async def gather(self, inference: TextInference, progress: Told) -> Completion:
        """Return the whole answer to a task; raises `chat.Error`."""
        clock = asyncio.timeout(self._seconds)
        try:
            async with clock:
                answer = await self._service.answer(inference.request)
                recorder = CompletionRecorder(inference, progress)
                async with aclosing(answer):
                    async for events in answer:
                        recorder.add(events)
        except TimeoutError:
            raise timeout_error(clock, self._seconds) from None
        return recorder.result()

    async def outcome(self, inference: TextInference, completion: Completion) -> Outcome:
        """Return what a complete answer leaves; where the answer is masked, what was asked is kept masked, too."""
        kept = None
        if self._service.masks(inference.request):
            kept = _encode(Payload(msgspec.Raw(await self._masked(inference.raw)), inference.seeds[0]))
        return Outcome(
            results=items(inference, completion),
            usage=completion.usage,
            cost=cost_of(inference.model, completion),
            kept=kept,
        )

    def failure(self, task: Task, error: Error) -> bytes:
        """Return the error as replies to polls have it."""
        uuid = uuid_of(task)
        public_payload = task_cancelled(uuid) if isinstance(error, Cancelled) else error
        return error_item(public_payload, "textInference", uuid, status=True)

    def webhook_bodies(self, task: Task, results: tuple[bytes, ...], error: bytes | None) -> tuple[bytes, ...]:
        """Return the flat items, one request each, or the error (docs/wire/runware.md §5.5)."""
        return results if error is None else (error,)

    def inference(self, task: Task) -> TextInference:
        """Read a stored task again; raises `chat.Error` where the catalogue has changed."""
        stored = _payload(task.payload)
        sent: dict[str, Any] = msgspec.json.decode(stored.task)
        if sent.get("seed") is None:
            sent["seed"] = stored.seed
        return read_text(_encode(sent), self._limits, task.owner or None)

    async def public_payload(self, task: Task) -> bytes:
        """Return a task as it was sent, to those who ask for it: with what an answer would mask masked."""
        sent = bytes(_payload(task.payload).task)
        if task.state == "succeeded":
            return sent  # `outcome` has seen to it
        try:
            masks = self._service.masks(self.inference(task).request)
        except Error:
            masks = True
        return await self._masked(sent) if masks else sent

    async def _masked(self, sent: bytes) -> bytes:
        """Mask a task; a long one must not hold up all others."""
        if len(sent) < LONG:
            return redacted(sent, self._service.masked)
        return await asyncio.to_thread(redacted, sent, self._service.masked)


class CompletionRecorder:
    """Gathers an answer and tells how far its prompt is read."""

    def __init__(self, inference: TextInference, progress: Told) -> None:
        self._gatherer = CompletionBuilder(inference.request.n, inference.request.n)
        self._progress: Told | None = progress

    def add(self, events: Iterable[Event]) -> None:
        """Take a batch."""
        self._gatherer.add(events)
        if self._progress is None:
            return
        for event in events:
            if isinstance(event, Progress):
                self._progress(100 * event.done // max(1, event.total))
            elif not isinstance(event, Started):
                self._progress(100)
                self._progress = None
                return

    def result(self) -> Completion:
        """Return the whole."""
        return self._gatherer.result()


def timeout_error(clock: asyncio.Timeout, seconds: float) -> Error:
    """Return what to raise for a `TimeoutError` inside `clock`: an answer that took too long, or a fault of ours."""
    if not clock.expired():
        return InternalError("The server made a mistake: something inside it waited too long.")
    return EngineTimeout(f"The answer was not complete within {seconds:g} seconds (limits.request_timeout_s).")


def payload(inference: TextInference) -> bytes:
    """Return what is stored of a task."""
    return _encode(Payload(msgspec.Raw(inference.raw), inference.seeds[0]))


def uuid_of(task: Task) -> str:
    """Return a task's UUID as it was sent; in lower case where that is not known any more."""
    try:
        return _named(_payload(task.payload).task).uuid
    except msgspec.DecodeError:
        return task.id
