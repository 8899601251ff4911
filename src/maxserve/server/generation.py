"""The endpoint of every API that asks a model for an answer."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing

from ..apis.adapter import AdapterError, ApiAdapter, Headers, ParsedRequest, ResponseContext
from ..chat import CompletionBuilder, EngineTimeout, Error, Event, InternalError, Overloaded, Progress
from ..service import Generation
from .cancellation import DisconnectWatcher
from .exchange import ClientGone, Exchange, Receive, Scope, Send
from .sse import EventStream
from .state import State

log = logging.getLogger("maxserve.server")

PROGRESS_EVERY_S = 1.0


class GenerationEndpoint:
    """Answers requests that come through one door: a raw ASGI app, as tokens flow through it."""

    def __init__(self, state: State, adapter: ApiAdapter) -> None:
        self.state = state
        self.adapter = adapter
        self.service = state.service
        self.storage = state.storage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.handle(Exchange(scope, receive, send, self.adapter))

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request, whatever becomes of it."""
        settings = self.state.config
        try:
            self.admit(exchange)
            await self.attend(exchange)
        except ClientGone:
            pass
        except Error as error:
            await fail(exchange, error)
        except AdapterError as refused:
            exchange.adapter = refused.adapter
            await fail(exchange, refused.error)
        except TimeoutError:
            seconds = settings.limits.request_timeout_s
            message = f"The answer was not complete within {seconds:g} seconds (limits.request_timeout_s)."
            await fail(exchange, EngineTimeout(message))
        except asyncio.CancelledError:
            await fail(exchange, Overloaded("The server is shutting down.", retry_after=1.0))
        except Exception:
            log.exception("request %s failed", exchange.id)
            await fail(exchange, InternalError(f"The server made a mistake; it is logged under {exchange.id}."))
        finally:
            if settings.server.access_log:
                log_access(exchange)
            # The two hold each other: let go, or everything of the stream is left to the garbage collector.
            exchange.stream = None

    def admit(self, exchange: Exchange) -> None:
        """Let the exchange know who calls; raises `Unauthorized`."""
        exchange.authenticate(self.state.keys)

    async def attend(self, exchange: Exchange) -> None:
        """Read the request and answer it."""
        settings = self.state.config
        asked = self.adapter.read(await exchange.body(settings.server.max_body_bytes), exchange.context)
        exchange.adapter = asked.adapter
        async with DisconnectWatcher(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
            await self.serve(asked, exchange)

    async def serve(self, asked: ParsedRequest, exchange: Exchange) -> None:
        """Ask the service and send what it answers."""
        answer = await self.service.answer(asked.request)
        await (self.stream if asked.stream else self.write_json)(asked, exchange, answer)

    async def write_json(self, asked: ParsedRequest, exchange: Exchange, answer: Generation) -> None:
        """Send a whole answer."""
        builder = CompletionBuilder(asked.request.results, asked.request.n)
        async with aclosing(answer):
            async for events in answer:
                builder.add(events)
        body = asked.write_json(builder.result(), ResponseContext(exchange.context, answer.model, answer.checkpoint))
        await exchange.respond(200, body, checkpoint_header(answer.checkpoint))

    async def stream(self, asked: ParsedRequest, exchange: Exchange, answer: Generation) -> None:
        """Send a streamed answer."""
        stream = self.open(exchange, answer)
        try:
            await stream.finish(await self.flow(asked, exchange, answer, stream))
        finally:
            stream.close()

    def open(self, exchange: Exchange, answer: Generation) -> EventStream:
        """Begin a stream, which keeps its client's connection alive from now on."""
        interval = self.state.config.server.keep_alive_comment_s
        stream = exchange.stream = EventStream(exchange, checkpoint_header(answer.checkpoint), interval)
        return stream

    async def flow(self, asked: ParsedRequest, exchange: Exchange, answer: Generation, stream: EventStream) -> bytes:
        """Send the frames of an answer but the last ones, and return those."""
        writer = asked.stream_writer(ResponseContext(exchange.context, answer.model, answer.checkpoint))
        begun = False
        async with aclosing(answer):
            async for events in answer:
                data = writer.write(events)
                if data:
                    if not begun:
                        begun = True
                        data = writer.start() + data
                    await stream.write(data)
                elif not begun:
                    await _report_progress(stream, events)
        return writer.end()


async def fail(exchange: Exchange, error: Error) -> None:
    """Tell the client: by status and body, or by an event where a stream has begun and the status is spent."""
    stream = exchange.stream
    if stream is not None and stream.open:
        await stream.finish(exchange.adapter.error_event(error, exchange.context))
    elif not exchange.status:
        await exchange.fail(error)


async def _report_progress(stream: EventStream, events: list[Event]) -> None:
    """Tell a waiting client how far its prompt is read, at most once a second."""
    for event in reversed(events):
        if isinstance(event, Progress):
            if stream.silence >= PROGRESS_EVERY_S:
                await stream.write(f": prompt {event.done}/{event.total}\n\n".encode())
            return


def checkpoint_header(checkpoint: str) -> Headers:
    """Which weights answered, on every answer."""
    return [(b"x-maxserve-checkpoint", checkpoint.encode("ascii", "replace"))]


def log_access(exchange: Exchange) -> None:
    """One line per request; status 0 means that the client went before there was one."""
    scope = exchange.scope
    milliseconds = (time.perf_counter() - exchange.started) * 1000
    log.info("%s %s %d %.1f ms %s", scope["method"], scope["path"], exchange.status, milliseconds, exchange.id)
