"""Paths that answer several methods without generating: lists, logs, records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ..chat import MethodNotAllowed
from .exchange import Exchange
from .query import Query

MethodHandler = Callable[[Exchange, Query], Awaitable[bytes]]
"""Returns the body of a 200; raises `chat.Error`."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
"""What a route must accept, so that a method without a handler is refused in the API's own form."""


class Methods:
    """The handlers of one path by method; `check` sees every request first and may refuse it."""

    def __init__(self, handlers: Mapping[str, MethodHandler], check: Callable[[Exchange], None] | None = None) -> None:
        self._handlers = handlers
        self._check = check

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        if self._check is not None:
            self._check(exchange)
        method = exchange.scope["method"]
        handler = self._handlers.get(method)
        if handler is None:
            raise MethodNotAllowed(f"{method} not supported for requested URI.")
        await exchange.respond(200, await handler(exchange, Query(exchange.scope)))
