"""Shared parts of maxserve's own management paths: ownership, database access, cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from ..chat import Forbidden, InvalidRequest
from .exchange import Exchange
from .lifecycle import Endpoint, Gate, authenticated
from .methods import MethodHandler, Methods
from .routes import OPENAI
from .runware.origin import is_foreign_origin
from .state import State

T = TypeVar("T")

MOUNT = "/maxserve/v1"
"""Before the paths that belong to no vendor's API."""


class Records:
    """Reads and writes records; who calls sees their own, and on a server without keys everybody sees all."""

    def __init__(self, state: State, gate: Gate) -> None:
        self.state = state
        self._gate = gate

    def endpoint(self, method: str, handler: MethodHandler) -> Endpoint[Exchange]:
        """Return the endpoint of one method; HEAD is answered like GET."""
        handlers = {method: handler}
        if method == "GET":
            handlers["HEAD"] = handler
        return authenticated(self._gate, OPENAI, Methods(handlers, self._refuse_foreign_page))

    def _refuse_foreign_page(self, exchange: Exchange) -> None:
        if not self.state.keys and is_foreign_origin(exchange.scope):
            raise Forbidden("A server without keys takes this from pages of its own machine only.")

    def owner(self, exchange: Exchange) -> str | None:
        """Return whose records the caller sees, None = all."""
        return exchange.context.key

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Ask the database; raises `StoreError`."""
        database = await self.state.storage.database()
        return await database.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Change the database; raises `StoreError`."""
        database = await self.state.storage.database()
        return await database.write(work)


def no_cursor() -> InvalidRequest:
    """Return the error of a cursor that no page gave."""
    return InvalidRequest("must be what another page gave as next", param="after")
