"""Ends the work of a request whose client has gone."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from .asgi import ClientGone, Receive


class Watch:
    """While inside, a closed connection cancels the current task; leaving turns that into `ClientGone`.

    The body must have been read: what comes after it can only be the end of the connection.
    """

    __slots__ = ("_gone", "_receive", "_task", "_watcher")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # endpoints run in tasks
        self._task = task
        self._watcher = asyncio.get_running_loop().create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watcher.cancel()
        if self._gone and kind is asyncio.CancelledError and self._task.uncancel() == 0:
            raise ClientGone from None

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._task.cancel()
