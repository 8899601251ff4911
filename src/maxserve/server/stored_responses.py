"""`/v1/responses/{id}` and below: this server stores no responses, and the answer says so."""

from __future__ import annotations

from starlette.routing import Route

from ..apis.responses import PATHS, stored
from .exchange import Exchange
from .lifecycle import Gate, authenticated
from .routes import OPENAI


def stored_response_routes(gate: Gate) -> list[Route]:
    """Return the routes of stored responses, under every path of the API."""
    endpoint = authenticated(gate, OPENAI, _not_stored)
    return [
        route
        for path in PATHS
        for route in (
            Route(path + "/{response:path}/cancel", endpoint, methods=["POST"]),
            Route(path + "/{response:path}", endpoint, methods=["GET", "DELETE"]),
        )
    ]


async def _not_stored(exchange: Exchange) -> None:
    raise stored(exchange.context.path["response"].partition("/")[0])
