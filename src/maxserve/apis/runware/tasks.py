"""What a Runware body asks for, one object per task of its array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from ...catalogue import Catalogue, Model
from ...chat import Error, Request

Delivery = Literal["sync", "async", "stream"]
Reasoning = Literal["model", "inline", "field"]


class TaskLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What reading goes by.

    `max_tasks` may stand in one array. `reasoning` is where thoughts go while a task does not say: a `<think>` block in
    the text, `reasoningContent`, or by the model. `webhook` raises `ValueError`, with a sentence, for an address that
    must not be called; it does no I/O.
    """

    catalogue: Catalogue
    max_tasks: int = 100
    reasoning: Reasoning = "model"
    webhook: Callable[[str], None] | None = None


class InvalidTask(msgspec.Struct, frozen=True):
    """A task that cannot be done, and why; type and UUID as far as they could be read, as they were sent."""

    error: Error
    task_type: str | None = None
    uuid: str | None = None


class Authentication(msgspec.Struct, frozen=True):
    """The key, and the session to go on with."""

    api_key: str
    session: str | None = None


class Ping(msgspec.Struct, frozen=True):
    """A sign of life is wanted."""


class GetResponse(msgspec.Struct, frozen=True):
    """How a task stands. `uuid` is as it was sent, `id` in lower case: what tasks are kept by."""

    uuid: str
    id: str


class GetTaskDetails(msgspec.Struct, frozen=True):
    """What a task was, and what came of it."""

    uuid: str
    id: str


class ModelSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which models there are; None = any."""

    uuid: str
    search: str | None = None
    source: str | None = None
    category: str | None = None
    architecture: str | None = None
    capabilities: tuple[str, ...] = ()
    visibility: str | None = None
    limit: int = 20
    offset: int = 0
    sort: str | None = None


class AccountDetails(msgspec.Struct, frozen=True):
    """Who calls."""

    uuid: str


class TextInference(msgspec.Struct, frozen=True, kw_only=True):
    """A generation.

    `uuid` is the taskUUID as it was sent, `id` in lower case: what the task is kept by. `seeds` are those of the
    results; the first was drawn here where none was sent. `inline` puts thoughts into the text. `raw` is the task as it
    was sent, a JSON object.
    """

    uuid: str
    id: str
    model: Model
    request: Request
    delivery: Delivery
    webhook: str | None
    include_cost: bool
    include_usage: bool
    seeds: tuple[int, ...]
    inline: bool
    raw: bytes

    @property
    def stream(self) -> bool:
        """Whether the answer is streamed."""
        return self.delivery == "stream"


TaskRequest = Authentication | Ping | TextInference | GetResponse | GetTaskDetails | ModelSearch | AccountDetails
