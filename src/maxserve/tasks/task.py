"""The data types of tasks, and the protocol of their handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from ..chat import Error, Usage

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Delivery = Literal["sync", "async", "stream"]

Progress = Callable[[int], None]
"""Takes how much of the prompt is read, in percent: 100 when the answer begins. Cheap, may be called often."""


class Cancelled(Error):
    """The task was cancelled."""

    code = "cancelled"


class TaskConflict(Exception):
    """`id` is taken: its owner has used it for another task."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.id = id


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is not accepted yet.

    `owner` is the caller's key id, empty on an open server; `id` is unique among the owner's. `kind` names the runner.
    `payload` is JSON that the runner understands; nothing else reads it. `webhook` is where results are to be sent;
    `session` the connection that waits for them.
    """

    owner: str
    id: str
    kind: str
    delivery: Delivery
    payload: bytes
    model: str = ""
    webhook: str | None = None
    session: str | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the database knows it. Times in Unix seconds, `cost` in US dollars.

    `direct` says that it runs for the request that brought it, not from the queue. `attempts` counts how often it was
    begun after a failure of the engine, the first time included; `takeovers` how often its process died. `worker` is
    who runs it, another with each beginning. `progress` is the share of the prompt that is read, in percent. `results`
    are JSON objects as the dialect shows them, once it has succeeded; `error` is one where it failed or was cancelled.
    `expired` says that the results were thrown away.
    """

    owner: str
    id: str
    kind: str
    delivery: Delivery
    direct: bool = False
    state: State
    payload: bytes
    model: str = ""
    webhook: str | None = None
    session: str | None = None
    created_at: float
    not_before: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    delivered_at: float | None = None
    attempts: int = 0
    takeovers: int = 0
    worker: str | None = None
    lease_until: float | None = None
    progress: int | None = None
    cancelling: bool = False
    expired: bool = False
    results: tuple[bytes, ...] = ()
    error: bytes | None = None
    error_code: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("succeeded", "failed", "cancelled")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a succeeded task: its results as JSON objects, and its usage.

    `kept` replaces the payload from now on (masked, say); None leaves it.
    """

    results: tuple[bytes, ...]
    usage: Usage = Usage()
    cost: float = 0.0
    kept: bytes | None = None


class TaskHandler(Protocol):
    """Does the tasks of one kind."""

    async def run(self, task: Task, progress: Progress) -> Outcome:
        """Do the work; raises `chat.Error`. Cancelled where the task is, or where its lease is lost."""
        ...

    def failure(self, task: Task, error: Error) -> bytes:
        """Return the JSON object that says why there is no result; `error.code` "cancelled" where it was cancelled."""
        ...

    def webhook_bodies(self, task: Task, results: tuple[bytes, ...], error: bytes | None) -> tuple[bytes, ...]:
        """Return the bodies to send to the task's webhook, one request each: for its results, or for its error."""
        ...

    async def public_payload(self, task: Task) -> bytes:
        """Return what was asked as JSON, for those who may look at it: masked where its answer is."""
        ...
