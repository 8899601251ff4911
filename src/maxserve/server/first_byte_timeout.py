"""The time limit of a generation's first visible output."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..chat import EngineTimeout, Event, Progress, Started
from ..service import Generation


def with_first_byte_timeout(generation: Generation, seconds: float) -> Generation:
    """Return the generation; it raises `EngineTimeout` where nothing visible comes within `seconds`."""
    return generation.map(lambda source: _timed(source, seconds))


async def _timed(source: Generation, seconds: float) -> AsyncGenerator[list[Event]]:
    deadline = asyncio.get_running_loop().time() + seconds
    visible = False
    async with aclosing(source):
        events = source.__aiter__()
        while True:
            try:
                if visible:
                    batch = await anext(events)
                else:
                    async with asyncio.timeout_at(deadline):
                        batch = await anext(events)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise EngineTimeout(f"The answer had not begun within {seconds:g} seconds.") from None
            visible = visible or not all(isinstance(event, Started | Progress) for event in batch)
            yield batch
