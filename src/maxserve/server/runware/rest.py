"""The HTTP endpoint of Runware's tasks (docs/wire/runware.md §1, §5, §6, §11)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeGuard

import msgspec

from ...access import secrets_in
from ...apis.adapter import Headers
from ...apis.runware import Authentication, InvalidTask, TaskError, TaskRequest, TextInference, frame
from ...chat import Forbidden, Unauthorized
from ..exchange import Exchange, Receive, Scope, Send
from ..generation import checkpoint_header
from .caller import Principal, wants_dry_run
from .origin import is_foreign_origin
from .streaming import StreamingTask
from .task_reply import TaskReply, refused
from .task_service import TaskService

Item = TaskRequest | InvalidTask


class _Error(msgspec.Struct):
    message: str


_encode = msgspec.json.Encoder().encode
_error = msgspec.json.Decoder(_Error).decode


class TaskHttpEndpoint:
    """Answers arrays of tasks, all of them concurrently, in their order; a streamed task stands alone in its array."""

    def __init__(self, tasks: TaskService) -> None:
        self._tasks = tasks
        self._state = tasks.state
        self._streaming = StreamingTask(tasks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, self._tasks.adapter)
        await self._tasks.gate.handle(exchange, self._handle, self._authenticate)

    def _authenticate(self, exchange: Exchange) -> None:
        """Put the caller's key into the exchange; without a key in the headers the first task may bring it.

        Raises `Unauthorized`, and `Forbidden` for a page of another origin: it could not read the answer, but it could
        name a webhook.
        """
        keys = self._state.keys
        if not keys and is_foreign_origin(exchange.scope):
            raise Forbidden("A server without keys takes tasks from pages of its own machine only.")
        if not keys or secrets_in(exchange.scope["headers"]):
            exchange.authenticate(keys)

    async def _handle(self, exchange: Exchange) -> None:
        body = await exchange.body(self._state.config.server.max_body_bytes)
        key = exchange.context.key
        if self._state.keys and key is None:
            key = self._tasks.key_in(body)
            exchange.context = msgspec.structs.replace(exchange.context, key=key)
        items = self._tasks.read(body, key)
        for item in items:
            if isinstance(item, Authentication) and self._state.keys.identify(item.api_key) != key:
                raise Unauthorized("The tasks of one request must come with one API key.")
        caller = Principal(key or "", None, wants_dry_run(exchange.scope), exchange.request_id)
        tasks = [item for item in items if not isinstance(item, Authentication)]
        if len(tasks) == 1 and isinstance(tasks[0], TextInference) and tasks[0].stream and not caller.dry_run:
            await self._streaming.answer(tasks[0], exchange, caller)
        else:
            await self._answer(items, exchange, caller)

    async def _answer(self, items: Sequence[Item], exchange: Exchange, caller: Principal) -> None:
        """Answer all tasks in one body; a client that hangs up stops none of them."""
        queued = {} if caller.dry_run else {i: item for i, item in enumerate(items) if _is_queued(item)}
        others = {i: item for i, item in enumerate(items) if i not in queued}
        accepted, rest = await asyncio.gather(
            self._tasks.submit([*queued.values()], caller),
            asyncio.gather(*(self._one(item, caller) for item in others.values())),
        )
        answers = dict(zip(queued, accepted, strict=True)) | dict(zip(others, rest, strict=True))
        came = any(answers[i].data for i, item in enumerate(items) if not isinstance(item, Authentication))
        await _respond(exchange, [answers[i] for i in range(len(items))], came)

    async def _one(self, item: Item, caller: Principal) -> TaskReply:
        if isinstance(item, TextInference) and item.stream and not caller.dry_run:
            message = "A streamed task must stand alone in its array: send the others by themselves."
            return refused(item, TaskError(message, "deliveryMethod"))
        return await self._tasks.handle(item, caller)


def _is_queued(item: Item) -> TypeGuard[TextInference]:
    return isinstance(item, TextInference) and item.delivery == "async"


async def _respond(exchange: Exchange, answers: Sequence[TaskReply], came: bool) -> None:
    """Send all that the tasks came to. Where none `came` to anything, the status is that of the first's failure.

    Polls have none: what they tell of another task is an answer (docs/wire/runware.md §11.7).
    """
    data = [item for answer in answers for item in answer.data]
    errors = [error for answer in answers for error in answer.errors]
    headers: Headers = []
    for checkpoint in dict.fromkeys(answer.checkpoint for answer in answers if answer.checkpoint):
        headers += checkpoint_header(checkpoint)
    failed = next((answer for answer in answers if answer.status != 200), None)
    if came or failed is None:
        await exchange.respond(200, frame(data, errors), headers)
        return
    if failed.retry_after is not None:
        headers.append((b"retry-after", str(max(1, round(failed.retry_after))).encode()))
    # Some clients look for the first error under another key (docs/wire/runware.md §11.14).
    more = b',"error":' + failed.errors[0] + b',"message":' + _encode(_error(failed.errors[0]).message)
    await exchange.respond(failed.status, frame(errors=errors)[:-1] + more + b"}", headers)
