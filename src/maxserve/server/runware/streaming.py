"""A streamed task: server-sent events that are kept like any other result (docs/wire/runware.md §5.4)."""

from __future__ import annotations

import asyncio

from ...apis.runware import TextInference, conflict, task_cancelled
from ...tasks import TaskConflict
from ...tasks.task import Cancelled
from ..cancellation import DisconnectWatcher
from ..exchange import Exchange
from ..generation import open_stream, send_frames
from .caller import Principal
from .recording import recorded
from .task_handler import Gathering, late
from .task_service import TaskService

GRACE_S = 60.0
"""What a stream has beyond its time limit to be ended and stored in."""


class StreamingTask:
    """Streams one task. A client that goes cancels it; one that is told of its end can poll for it."""

    def __init__(self, desk: TaskService) -> None:
        self._desk = desk
        self._state = desk.state

    async def answer(self, asked: TextInference, exchange: Exchange, caller: Principal) -> None:
        """Answer a request that holds this task only; raises `Error`, and `ClientGone`."""
        exchange.adapter = asked.adapter
        self._desk.check(asked)
        limit = self._state.config.limits.request_timeout_s
        try:
            async with DisconnectWatcher(exchange.scope, exchange.receive, limit + GRACE_S):
                last = await self._tracked(asked, exchange, caller, limit)
                assert exchange.stream is not None  # it was opened inside
                await exchange.stream.finish(last)
        except TaskConflict:
            raise conflict(asked.uuid) from None
        except Cancelled:
            raise task_cancelled(asked.uuid) from None
        finally:
            if exchange.stream is not None:
                exchange.stream.close()

    async def _tracked(self, asked: TextInference, exchange: Exchange, caller: Principal, limit: float) -> bytes:
        """Send all frames but the last and store what they say; return the last ones."""
        work = await self._desk.work()
        async with work.tracked(self._desk.news(asked, caller, "stream")) as tracked:
            clock = asyncio.timeout(limit)
            try:
                async with clock:
                    generation = await self._state.service.answer(asked.request)
                    gathering = Gathering(asked, tracked.progress)
                    stream = open_stream(exchange, generation, self._state)
                    last = await send_frames(asked, exchange, recorded(generation, gathering), stream)
            except TimeoutError:
                raise late(clock, limit) from None
            tracked.done(await self._desk.runner.outcome(asked, gathering.result()))
        return last
