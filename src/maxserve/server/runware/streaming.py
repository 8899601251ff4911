"""A streamed task: server-sent events, stored like any other result (docs/wire/runware.md §5.4)."""

from __future__ import annotations

import asyncio

from ...apis.runware import ParsedTask, TextInference, conflict, task_cancelled
from ...tasks import TaskConflict
from ...tasks.task import Cancelled
from ..cancellation import DisconnectWatcher
from ..exchange import Exchange
from ..generation import open_stream, send_frames
from .caller import Principal
from .recording import recorded
from .task_handler import CompletionRecorder, timeout_error
from .task_service import TaskService

GRACE_S = 60.0
"""What a stream has beyond its time limit to be ended and stored in."""


class StreamingTask:
    """Streams one task. A client that goes cancels it; one that is told of its end can poll for it."""

    def __init__(self, tasks: TaskService) -> None:
        self._tasks = tasks
        self._state = tasks.state

    async def answer(self, inference: TextInference, exchange: Exchange, caller: Principal) -> None:
        """Answer a request that holds this task only; raises `Error`, and `ClientGone`."""
        exchange.adapter = ParsedTask(inference).adapter
        self._tasks.check(inference)
        limit = self._state.config.limits.request_timeout_s
        try:
            async with DisconnectWatcher(exchange.scope, exchange.receive, limit + GRACE_S):
                last = await self._tracked(inference, exchange, caller, limit)
                assert exchange.stream is not None  # it was opened inside
                await exchange.stream.finish(last)
        except TaskConflict:
            raise conflict(inference.uuid) from None
        except Cancelled:
            raise task_cancelled(inference.uuid) from None
        finally:
            if exchange.stream is not None:
                exchange.stream.close()

    async def _tracked(self, inference: TextInference, exchange: Exchange, caller: Principal, limit: float) -> bytes:
        """Send all frames but the last and store what they say; return the last ones."""
        worker = await self._tasks.worker()
        async with worker.tracked(self._tasks.new_task(inference, caller, "stream")) as tracked:
            clock = asyncio.timeout(limit)
            try:
                async with clock:
                    generation = await self._state.service.answer(inference.request)
                    recorder = CompletionRecorder(inference, tracked.progress)
                    stream = open_stream(exchange, generation, self._state)
                    last = await send_frames(ParsedTask(inference), exchange, recorded(generation, recorder), stream)
            except TimeoutError:
                raise timeout_error(clock, limit) from None
            tracked.done(await self._tasks.handler.outcome(inference, recorder.result()))
        return last
