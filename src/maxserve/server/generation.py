"""Requests that generate: read by an API's adapter, answered by the service, written whole or as a stream."""

from __future__ import annotations

from contextlib import aclosing

from ..apis.adapter import ApiAdapter, Headers, ParsedRequest, ResponseContext
from ..chat import CompletionBuilder, Event, Progress
from ..service import Generation
from .cancellation import DisconnectWatcher
from .exchange import Exchange
from .sse import EventStream
from .state import State

PROGRESS_EVERY_S = 1.0
"""The least pause between two progress comments of a stream that waits for its first token."""


class GenerationHandler:
    """Answers the requests of one path that generate."""

    def __init__(self, state: State, adapter: ApiAdapter) -> None:
        self._state = state
        self._adapter = adapter
        self._max_body_bytes = state.config.server.max_body_bytes
        self._timeout_s = state.config.limits.request_timeout_s

    async def __call__(self, exchange: Exchange) -> None:
        """Read the request and answer it; raises `Error`, `AdapterError` and `ClientGone`."""
        parsed = self._adapter.read(await exchange.body(self._max_body_bytes), exchange.context)
        exchange.adapter = parsed.adapter
        async with DisconnectWatcher(exchange.scope, exchange.receive, self._timeout_s):
            generation = await self._state.service.answer(parsed.request)
            await respond(parsed, exchange, generation, self._state)


async def respond(parsed: ParsedRequest, exchange: Exchange, generation: Generation, state: State) -> None:
    """Send a generation, streamed or whole as the request asks."""
    if parsed.stream:
        stream = open_stream(exchange, generation, state)
        try:
            await stream.finish(await send_frames(parsed, exchange, generation, stream))
        finally:
            stream.close()
    else:
        await respond_whole(parsed, exchange, generation)


async def respond_whole(parsed: ParsedRequest, exchange: Exchange, generation: Generation) -> None:
    """Send a generation as one JSON body."""
    exchange.model = generation.model.name
    builder = CompletionBuilder(parsed.request.results, parsed.request.n)
    async with aclosing(generation):
        async for events in generation:
            builder.add(events)
    context = ResponseContext(exchange.context, generation.model, generation.checkpoint)
    body = parsed.write_json(builder.result(), context)
    await exchange.respond(200, body, checkpoint_header(generation.checkpoint))


def open_stream(exchange: Exchange, generation: Generation, state: State) -> EventStream:
    """Begin a stream, which keeps its client's connection alive from now on."""
    exchange.model = generation.model.name
    interval_s = state.config.server.keep_alive_comment_s
    stream = exchange.stream = EventStream(exchange, checkpoint_header(generation.checkpoint), interval_s)
    return stream


async def send_frames(parsed: ParsedRequest, exchange: Exchange, generation: Generation, stream: EventStream) -> bytes:
    """Send all frames of a generation but the last ones, and return those."""
    writer = parsed.stream_writer(ResponseContext(exchange.context, generation.model, generation.checkpoint))
    started = False
    async with aclosing(generation):
        async for events in generation:
            data = writer.write(events)
            if data:
                if not started:
                    started = True
                    data = writer.start() + data
                await stream.write(data)
            elif not started:
                await _report_progress(stream, events)
    return writer.end()


async def _report_progress(stream: EventStream, events: list[Event]) -> None:
    """Tell a waiting client how much of its prompt is processed, at most once a second."""
    for event in reversed(events):
        if isinstance(event, Progress):
            if stream.silence >= PROGRESS_EVERY_S:
                await stream.write(f": prompt {event.done}/{event.total}\n\n".encode())
            return


def checkpoint_header(checkpoint: str) -> Headers:
    """Return the header that names the weights that answered."""
    return [(b"x-maxserve-checkpoint", checkpoint.encode("ascii", "replace"))]
