"""Cancels the work of a request whose client disconnected or whose time limit is reached."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from .exchange import ClientGone, Receive, Scope
from .http_protocol import GONE


class DisconnectWatcher:
    """While inside, a closed connection or `seconds` cancel the task; leaving raises `ClientGone` or `TimeoutError`.

    The body must have been read: what comes after it can only be the end of the connection. Under a server other than
    ours (`protocol`) a task waits for that.
    """

    __slots__ = ("_gone", "_late", "_receive", "_scope", "_seconds", "_task", "_timer", "_watcher")

    def __init__(self, scope: Scope, receive: Receive, seconds: float) -> None:
        self._scope = scope
        self._receive = receive
        self._seconds = seconds
        self._gone = self._late = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # endpoints run in tasks
        self._task = task
        self._timer = loop.call_later(self._seconds, self._end, False)
        if GONE in self._scope:
            self._scope[GONE] = self._lost
        else:
            self._watcher = loop.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        else:
            self._scope[GONE] = None
        if (self._gone or self._late) and kind is asyncio.CancelledError and self._task.uncancel() == 0:
            if self._gone:
                raise ClientGone from None
            raise TimeoutError from None

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._lost()

    def _lost(self) -> None:
        self._end(True)

    def _end(self, gone: bool) -> None:
        if not self._gone and not self._late:
            self._gone, self._late = gone, not gone
            self._task.cancel()
