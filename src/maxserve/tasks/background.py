"""Background tasks of the event loop, and signals for callers that wait for a task."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from .queue import Key

T = TypeVar("T")


class BackgroundTasks:
    """A set of background tasks of the event loop that can be awaited at shutdown."""

    def __init__(self) -> None:
        self._background_tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` beside everything else."""
        body_task = asyncio.create_task(work)
        self._background_tasks.add(body_task)
        body_task.add_done_callback(self._background_tasks.discard)
        return body_task

    async def close(self, seconds: float) -> None:
        """Wait for all, and for those that they begin; cancel what takes longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._background_tasks:
                    await asyncio.wait(self._background_tasks)
        for body_task in self._background_tasks:
            body_task.cancel()
        if self._background_tasks:
            await asyncio.wait(self._background_tasks)


class TaskSignals:
    """Wakes callers that wait for a task."""

    def __init__(self) -> None:
        self._waiting: dict[Key, set[asyncio.Event]] = {}

    @contextmanager
    def of(self, key: Key) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something has become of the task."""
        events = self._waiting.setdefault(key, set())
        event = asyncio.Event()
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events and self._waiting.get(key) is events:
                del self._waiting[key]

    def notify(self, key: Key) -> None:
        """Wake those who wait for that task."""
        for event in self._waiting.get(key, ()):
            event.set()

    def notify_all(self) -> None:
        """Wake everybody."""
        for key in self._waiting:
            self.notify(key)
