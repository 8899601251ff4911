"""Recording of a generation while it is streamed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from ...chat import Event
from ...service import Generation
from .task_handler import CompletionRecorder


def recorded(generation: Generation, recording: CompletionRecorder) -> Generation:
    """Return the generation; `recording` gets every batch of events before it is passed on."""
    return generation.map(lambda source: _recorded(source, recording))


async def _recorded(source: Generation, recording: CompletionRecorder) -> AsyncGenerator[list[Event]]:
    async with aclosing(source):
        async for events in source:
            recording.add(events)
            yield events
