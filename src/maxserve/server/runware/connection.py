"""One WebSocket of a Runware client (docs/wire/runware.md §2, §6.4, §11)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from ...apis.runware import (
    Authentication,
    InvalidTask,
    Ping,
    TaskRequest,
    TextInference,
    authenticated,
    error_item,
    frame,
    missing_key,
    pong,
    superset,
)
from ...chat import Overloaded, Unauthorized
from ...tasks import Task
from ..exchange import Receive, Scope, Send
from ..websocket_protocol import ABORT, RESTART
from .caller import Principal, is_python_sdk_v1, is_python_sdk_v2, is_session, new_session, wants_dry_run
from .task_reply import TaskReply, refused
from .task_service import TaskService

log = logging.getLogger("maxserve.server")

AUTHENTICATE_S = 15.0
"""How long a client may take to say who it is; the newer SDKs wait as long for the answer."""
LINGER_S = 3.0
"""How long a connection with a wrong key stays open: the first Python SDK tells of the key only if it does, and for two
minutes of nothing if not. Closed as if nothing was wrong, or that SDK comes back with the same key again and again."""
PATIENCE_S = 10.0
"""How long a client that reads nothing may put off the end of its connection."""
NORMAL = 1000
REFUSED = 1008
"""Close codes (RFC 6455 §7.4.1): nothing more is to come; the client has broken a rule."""

Work = Coroutine[Any, Any, None]


class Connection:
    """One connection: a task that reads frames, and one for each of the client's tasks while it is at work.

    Results are written by the tasks that made them; a frame is written whole, so they need no lock. What was written
    counts as delivered once the client says anything afterwards, or closes the connection in good order. A client that
    reads too slowly holds its own tasks, and in the end the reader: memory stays bounded.
    """

    __slots__ = (
        "_awaited", "_background", "_caller", "_closed", "_code", "_deadline", "_dry", "_ending", "_first",
        "_last_frame_at", "_loop", "_open", "_receive", "_request_id", "_room", "_scope", "_second", "_send",
        "_settings", "_stopping", "_tasks", "_timer", "_unconfirmed", "_waiting", "_writing",
    )  # fmt: skip

    def __init__(self, tasks: TaskService, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self._tasks = tasks
        self._request_id = request_id
        self._settings = tasks.state.config.runware
        self._scope = scope
        self._receive = receive
        self._send = send
        self._dry = wants_dry_run(scope)
        self._second = is_python_sdk_v2(scope)
        self._first = is_python_sdk_v1(scope)
        self._loop = asyncio.get_running_loop()
        self._last_frame_at = self._loop.time()
        self._deadline: float | None = self._last_frame_at + AUTHENTICATE_S
        self._code = REFUSED
        self._caller: Principal | None = None
        if not tasks.state.keys:
            self._caller = Principal("", None, self._dry, request_id)
            self._deadline = None
        self._open: set[asyncio.Task[None]] = set()
        self._waiting: list[Work] = []
        self._background: set[asyncio.Task[None]] = set()
        self._awaited: set[str] = set()
        self._unconfirmed: list[str] = []
        self._room: asyncio.Future[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._closed = self._stopping = False
        self._writing = 0
        self._timer = self._loop.call_at(self._next_check(), self._check_deadlines)

    @property
    def busy(self) -> bool:
        """Whether answers are still owed."""
        return bool(self._open or self._waiting)

    def stop(self) -> None:
        """Take no more work; close the connection once nothing is owed."""
        self._stopping = True
        for task in self._background:
            task.cancel()

    async def serve(self) -> None:
        """Read frames until the connection ends."""
        try:
            while await self._step():
                while len(self._waiting) >= self._settings.max_tasks:
                    self._room = self._loop.create_future()
                    await self._room
        except asyncio.CancelledError:  # the server's time to drain is over
            await self._finish(RESTART)
        except OSError:
            pass  # the client has gone
        finally:
            self._closed = True
            self._timer.cancel()
            for task in (*self._open, *self._background):
                task.cancel()
            for work in self._waiting:
                work.close()

    async def _step(self) -> bool:
        """Take one frame; False where it was the last."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            # Only a close frame of the client's has a reason, if an empty one.
            if "reason" in message and not self._closed:
                self._acknowledge()
            return False
        self._last_frame_at = self._loop.time()
        self._acknowledge()
        text: str | None = message.get("text")
        await self._take(message["bytes"] if text is None else text.encode())
        return True

    async def _take(self, data: bytes) -> None:
        key = None if self._caller is None else self._caller.owner or None
        try:
            items = self._tasks.read(data, key)
        except Exception as error:
            public = self._tasks.gate.public_error(error, self._request_id)
            await self._write(frame(errors=(error_item(public),)))
            return
        queued: list[TextInference] = []
        for item in items:
            if isinstance(item, Authentication):
                await self._authenticate(item)
            elif isinstance(item, Ping):
                await self._write(pong())
            elif self._caller is None:
                await self._send_reply(refused(item, missing_key()))
            elif self._stopping:
                await self._send_reply(refused(item, Overloaded("The server is shutting down.", retry_after=1.0)))
            elif isinstance(item, TextInference) and item.delivery == "async" and not self._caller.dry_run:
                queued.append(item)
            else:
                self._start(self._handle(item, self._caller))
        if queued and self._caller is not None:
            self._start(self._submit(queued, self._caller))

    async def _authenticate(self, item: Authentication) -> None:
        """Let the client in and send what it missed, or say that it is not let in."""
        try:
            key = self._tasks.state.keys.identify(item.api_key)
            if self._caller is not None and self._caller.owner != (key or ""):
                raise Unauthorized("This connection belongs to another API key.")
        except Unauthorized as error:
            self._caller = None
            self._set_deadline(LINGER_S, NORMAL)
            await self._write(superset(error))
            return
        self._set_deadline(None)
        session = new_session(item.session)
        self._caller = Principal(key or "", session, self._dry, self._request_id)
        await self._write(frame(data=(authenticated(session),)))
        if is_session(item.session):
            self._spawn_background(self._resume(self._caller))

    def _start(self, work: Work) -> None:
        if len(self._open) < self._settings.max_open:
            task = self._spawn(work)
            self._open.add(task)
            task.add_done_callback(self._done)
        else:
            self._waiting.append(work)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        self._last_frame_at = self._loop.time()
        if self._closed:
            return
        if self._waiting:
            self._start(self._waiting.pop(0))
            if self._room is not None and not self._room.done():
                self._room.set_result(None)
        elif self._stopping and not self._open:
            self._end(RESTART)

    async def _handle(self, item: TaskRequest | InvalidTask, caller: Principal) -> None:
        reply = await self._tasks.handle(item, caller)
        await self._send_reply(reply)
        if reply.pending is not None:
            self._push_when_done(reply.pending, caller)

    async def _submit(self, tasks: Sequence[TextInference], caller: Principal) -> None:
        for reply in await self._tasks.submit(tasks, caller):
            await self._send_reply(reply)

    async def _resume(self, caller: Principal) -> None:
        """Send what the client's earlier connection did not get, and what is still being made once it is.

        Of async tasks it hears at once how they stand: `@runware/sdk` waits twenty minutes for the answer to a poll
        that was under way when the connection broke, and asks no second time.
        """
        for task in await self._tasks.status.undelivered(caller):
            if task.delivery == "async":
                await self._send_reply(self._tasks.status.status_of_task(task))
            else:
                self._spawn_background(self._resend(task, caller))

    async def _resend(self, task: Task, caller: Principal) -> None:
        reply = await self._tasks.status.resumed(task, caller)
        # The second Python SDK has given up on it, and would take its error for one of all that it waits for.
        if reply is not None and not (reply.errors and self._second):
            await self._send_reply(reply)

    def _push_when_done(self, id: str, caller: Principal) -> None:
        """Send the results of a task that was polled too early, once, when they are there.

        The first Python SDK waits half a minute for that before it polls again (docs/wire/runware.md §5.3); others
        take it for the answer to a poll. Errors are sent so to that SDK alone: the newer ones take one that they do not
        expect for one of all their tasks.
        """
        if id not in self._awaited and len(self._awaited) < self._settings.max_open:
            self._awaited.add(id)
            self._spawn_background(self._push(id, caller))

    async def _push(self, id: str, caller: Principal) -> None:
        reply = await self._tasks.status.when_finished(id, caller)
        if reply is not None and id in self._awaited and (self._first or not reply.errors):
            await self._send_reply(reply)
        self._awaited.discard(id)

    def _spawn_background(self, work: Work) -> None:
        """Run what nobody waits for when the server stops."""
        task = self._spawn(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _spawn(self, work: Work) -> asyncio.Task[None]:
        task = self._loop.create_task(_quietly(work, self._request_id))
        task.add_done_callback(lambda _: work.close())  # it may have been cancelled before its first step
        return task

    async def _send_reply(self, reply: TaskReply) -> None:
        """Send what a task came to: data and errors never in one frame, every error in its own."""
        if reply.settled is not None:
            self._awaited.discard(reply.settled)
        if reply.data:
            await self._write(frame(data=reply.data))
        for error in reply.errors:
            await self._write(frame(errors=(error,)))
        if reply.id is not None and not self._closed:
            self._unconfirmed.append(reply.id)

    async def _write(self, data: bytes) -> None:
        if self._closed:
            return
        self._writing += 1
        try:
            await self._send({"type": "websocket.send", "text": data.decode()})
        except RuntimeError:  # it was closed while the client read nothing
            if not self._closed:
                raise
        finally:
            self._writing -= 1

    def _acknowledge(self) -> None:
        if self._unconfirmed and self._caller is not None:
            self._tasks.status.delivered(self._caller.owner, self._unconfirmed)
            self._unconfirmed = []

    def _set_deadline(self, seconds: float | None, code: int = REFUSED) -> None:
        """Give the client so long to bring a key, else close the connection with `code`; None = it has brought it."""
        self._deadline = None if seconds is None else self._loop.time() + seconds
        self._code = code
        if seconds is not None:
            self._timer.cancel()
            self._timer = self._loop.call_at(self._next_check(), self._check_deadlines)

    def _next_check(self) -> float:
        idle = self._last_frame_at + self._settings.idle_s
        return idle if self._deadline is None else min(idle, self._deadline)

    def _check_deadlines(self) -> None:
        """Close the connection if nobody has said who they are, or anything, in time."""
        now = self._loop.time()
        if self._deadline is not None and now >= self._deadline:
            self._end(self._code, superset(missing_key()) if self._code == REFUSED else None)
        elif now >= self._last_frame_at + self._settings.idle_s:
            if self.busy and not self._writing:  # the silence is the server's
                self._timer = self._loop.call_later(self._settings.idle_s, self._check_deadlines)
            else:
                self._end(NORMAL)
        else:
            self._timer = self._loop.call_at(self._next_check(), self._check_deadlines)

    def _end(self, code: int, last: bytes | None = None) -> None:
        if self._ending is None:
            self._ending = self._loop.create_task(_quietly(self._finish(code, last), self._request_id))

    async def _finish(self, code: int, last: bytes | None = None) -> None:
        """Close the connection; hang up where its client does not even read that."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if last is not None:
                    await self._write(last)
                await self._close(code)
        except TimeoutError:
            self._scope[ABORT]()

    async def _close(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": code})


async def _quietly(work: Work, request_id: str) -> None:
    try:
        await work
    except OSError:
        pass  # the client has gone
    except Exception:
        log.exception("WebSocket %s: a frame could not be answered", request_id)
