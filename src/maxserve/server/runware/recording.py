"""An answer that is written down while it is streamed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from ...chat import Event, Usage
from ...service import Generation
from .task_handler import Gathering


class RecordedGeneration(Generation):
    """Passes an answer on, a batch at a time, and gathers it on the way."""

    def __init__(self, inner: Generation, gathering: Gathering) -> None:
        self._inner = inner
        self._gathering = gathering
        super().__init__(inner.model, inner.checkpoint, self._passed(), (), 1, inner.anonymizer)

    @property
    def usage(self) -> Usage:
        """The tokens of the answer as far as it has been made."""
        return self._inner.usage

    async def aclose(self) -> None:
        """Stop; also where nothing was read yet."""
        await super().aclose()
        await self._inner.aclose()

    async def _passed(self) -> AsyncGenerator[list[Event]]:
        async with aclosing(self._inner):
            async for events in self._inner:
                self._gathering.add(events)
                yield events
