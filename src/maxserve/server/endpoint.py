"""Paths that ask no model: each method has a handler, and whatever goes wrong is told in the door's form."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from ..apis.adapter import ApiAdapter
from ..chat import EngineUnavailable, Error, InternalError, MethodNotAllowed
from ..store import StoreError
from .exchange import ClientGone, Exchange, Receive, Scope, Send
from .query import Query
from .state import State

log = logging.getLogger("maxserve.server")

Handler = Callable[[Exchange, Query], Awaitable[bytes]]
"""Takes a request of a known caller and returns the body of its answer; raises `chat.Error`."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
"""What a route must let through, so that the others are refused in the door's form."""


class Endpoint:
    """One path: `handlers` by method; `enter` sees every request first, and may refuse it."""

    def __init__(
        self,
        state: State,
        adapter: ApiAdapter,
        handlers: Mapping[str, Handler],
        enter: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._state = state
        self._adapter = adapter
        self._handlers = handlers
        self._enter = enter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, self._adapter)
        try:
            exchange.authenticate(self._state.keys)
            if self._enter is not None:
                self._enter(exchange)
            handler = self._handlers.get(scope["method"])
            if handler is None:
                raise MethodNotAllowed(f"{scope['method']} not supported for requested URI.")
            await exchange.respond(200, await handler(exchange, Query(scope)))
        except ClientGone:
            pass
        except Error as error:
            await exchange.fail(error)
        except StoreError as error:
            log.error("%s", error)
            await exchange.fail(EngineUnavailable("The server's database cannot be used; its log says why."))
        except Exception:
            log.exception("request %s failed", exchange.id)
            await exchange.fail(InternalError(f"The server made a mistake; it is logged under {exchange.id}."))
