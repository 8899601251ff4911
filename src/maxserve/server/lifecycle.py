"""The gate that every request passes: authentication, limits, error mapping, the access log, observers.

Each path has one `Endpoint`; the app calls nothing else. A new cross-cutting concern (a limit, a metric, a trace) is
added here and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol, TypeVar

import msgspec

from ..access import Keys
from ..apis.adapter import AdapterError, ApiAdapter
from ..chat import EngineTimeout, Error, InternalError, Overloaded, StorageUnavailable
from ..http.trace import TRACEPARENT
from ..store import StoreError
from .exchange import ClientGone, Exchange, Receive, Scope, Send

log = logging.getLogger("maxserve.server")
access_log = logging.getLogger("maxserve.access")

E = TypeVar("E", bound=Exchange)


class Limiter(Protocol):
    """Limits of keys and accounts, asked once per request after authentication."""

    async def acquire(self, exchange: Exchange) -> None:
        """Reserve what the request may use; raises `RateLimited` and its kin."""
        ...

    async def release(self, exchange: Exchange) -> None:
        """Settle the reservation; called once per successful `acquire`, whatever the outcome."""
        ...


class RequestRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One finished HTTP request, WebSocket handshake or task of a WebSocket or array."""

    method: str
    """The HTTP method, "WEBSOCKET" for a handshake, "TASK" for a task."""
    path: str
    """The path as it was requested; of a task its type and id."""
    status: int
    """The HTTP status; 0 where the client left before there was one. Of a task the status that its errors stand for."""
    duration_s: float
    """Seconds from arrival to the end of the response."""
    first_byte_s: float | None = None
    """Seconds from arrival to the first byte of the response, None where there was none."""
    request_id: str
    """The id in the `x-request-id` header; tasks have that of the request or connection that brought them."""
    key: str | None = None
    """The id of the caller's key, None on a server without keys and where authentication failed."""
    model: str | None = None
    """The name of the model that answered, None where none was asked."""
    error: Error | None = None
    """The error that the response told, None for a success."""


class Observer(Protocol):
    """Gets every finished request: where metrics, traces and usage records attach."""

    def __call__(self, record: RequestRecord) -> None:
        """Take one record; must not block."""
        ...


class Gate:
    """What all requests share on their way in and out."""

    def __init__(
        self,
        keys: Keys,
        *,
        request_timeout_s: float,
        log_requests: bool = False,
        limiter: Limiter | None = None,
        observers: Iterable[Observer] = (),
    ) -> None:
        self.keys = keys
        self._request_timeout_s = request_timeout_s
        self._limiter = limiter
        self._observers = (*((log_request,) if log_requests else ()), *observers)

    def authenticate(self, exchange: Exchange) -> None:
        """Put the caller's key into the exchange; raises `Unauthorized`."""
        exchange.authenticate(self.keys)

    async def handle(
        self, exchange: E, handler: Callable[[E], Awaitable[None]], authenticate: Callable[[E], None] | None
    ) -> None:
        """Answer one request; whatever goes wrong is answered in the form of the exchange's API."""
        acquired = False
        trace = TRACEPARENT.set(exchange.traceparent) if exchange.traceparent else None
        try:
            if authenticate is not None:
                authenticate(exchange)
            if self._limiter is not None:
                await self._limiter.acquire(exchange)
                acquired = True
            await handler(exchange)
        except ClientGone:
            pass
        except asyncio.CancelledError:
            await exchange.fail(Overloaded("The server is shutting down.", retry_after=1.0))
        except Exception as error:
            if isinstance(error, AdapterError):
                exchange.adapter = error.adapter
            await exchange.fail(self.public_error(error, exchange.request_id))
        finally:
            # The exchange and its stream refer to each other.
            exchange.stream = None
            if trace is not None:
                TRACEPARENT.reset(trace)
            if acquired and self._limiter is not None:
                await self._limiter.release(exchange)
            if self._observers:
                self.observe(_record_of(exchange))

    def observe(self, record: RequestRecord) -> None:
        """Hand a finished request to all observers."""
        for observer in self._observers:
            observer(record)

    def public_error(self, error: Exception, request_id: str) -> Error:
        """Return the error that a client is told; what is not the client's fault is logged under the request's id."""
        if isinstance(error, Error):
            return error
        if isinstance(error, AdapterError):
            return error.error
        if isinstance(error, TimeoutError):
            return EngineTimeout(
                f"The answer was not complete within {self._request_timeout_s:g} seconds (limits.request_timeout_s)."
            )
        if isinstance(error, StoreError):
            log.error("request %s: the database cannot be used: %s", request_id, error)
            return StorageUnavailable("The server's database cannot be used; its log says why.", retry_after=1.0)
        log.error("request %s failed", request_id, exc_info=error)
        return InternalError(f"The server made a mistake; it is logged under {request_id}.")


class Endpoint(Generic[E]):
    """One path behind the gate: an ASGI app.

    `authenticate` None = the path is open to everybody. `exchange_type` is made for each request.
    """

    __slots__ = ("_adapter", "_authenticate", "_exchange_type", "_gate", "_handler")

    def __init__(
        self,
        gate: Gate,
        adapter: ApiAdapter,
        handler: Callable[[E], Awaitable[None]],
        exchange_type: type[E],
        authenticate: Callable[[E], None] | None,
    ) -> None:
        self._gate = gate
        self._adapter = adapter
        self._handler = handler
        self._exchange_type = exchange_type
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = self._exchange_type(scope, receive, send, self._adapter)
        await self._gate.handle(exchange, self._handler, self._authenticate)


def authenticated(
    gate: Gate, adapter: ApiAdapter, handler: Callable[[Exchange], Awaitable[None]]
) -> Endpoint[Exchange]:
    """Return the endpoint of a path that needs a key where the server has keys."""
    return Endpoint(gate, adapter, handler, Exchange, gate.authenticate)


def public(gate: Gate, adapter: ApiAdapter, handler: Callable[[Exchange], Awaitable[None]]) -> Endpoint[Exchange]:
    """Return the endpoint of a path that is open to everybody who can reach the server."""
    return Endpoint(gate, adapter, handler, Exchange, None)


def _record_of(exchange: Exchange) -> RequestRecord:
    scope = exchange.scope
    first = exchange.first_byte
    return RequestRecord(
        method=scope["method"],
        path=scope["path"],
        status=exchange.status,
        duration_s=time.perf_counter() - exchange.started,
        first_byte_s=None if first is None else first - exchange.started,
        request_id=exchange.request_id,
        key=exchange.context.key,
        model=exchange.model,
        error=exchange.error,
    )


def log_request(record: RequestRecord) -> None:
    """Write one access-log line."""
    access_log.info(
        "%s %s %d %.1f ms %s%s%s",
        record.method,
        record.path,
        record.status,
        record.duration_s * 1000,
        record.request_id,
        f" key={record.key}" if record.key else "",
        f" error={type(record.error).__name__}" if record.error is not None else "",
    )
