"""An answer that must begin in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..chat import EngineTimeout, Event, Progress, Started, Usage
from ..service import Generation


class FirstByteTimeout(Generation):
    """An answer that must begin in time: the first event that shows something within `seconds`."""

    def __init__(self, inner: Generation, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        super().__init__(inner.model, inner.checkpoint, self._timed(), (), 1, inner.anonymizer)

    @property
    def usage(self) -> Usage:
        """The tokens of the answer as far as it has been made."""
        return self._inner.usage

    async def aclose(self) -> None:
        """Stop; also where nothing was read yet."""
        await super().aclose()
        await self._inner.aclose()

    async def _timed(self) -> AsyncGenerator[list[Event]]:
        late = asyncio.get_running_loop().time() + self._seconds
        begun = False
        async with aclosing(self._inner):
            events = self._inner.__aiter__()
            while True:
                try:
                    if begun:
                        batch = await anext(events)
                    else:
                        async with asyncio.timeout_at(late):
                            batch = await anext(events)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise EngineTimeout(f"The answer had not begun within {self._seconds:g} seconds.") from None
                begun = begun or not all(isinstance(event, Started | Progress) for event in batch)
                yield batch
