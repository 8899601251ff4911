"""What asks for a stored response: `/v1/responses/{id}` and below. There are none, and the answer says so."""

from __future__ import annotations

from starlette.routing import Route

from ..apis.responses import PATHS, stored
from ..chat import Error
from .exchange import Exchange, Receive, Scope, Send
from .routes import OPENAI
from .state import State


def stored_routes(state: State) -> list[Route]:
    """Return the routes of stored responses, under every path of the API."""
    endpoint = StoredResponses(state)
    return [
        route
        for path in PATHS
        for route in (
            Route(path + "/{response:path}/cancel", endpoint, methods=["POST"]),
            Route(path + "/{response:path}", endpoint, methods=["GET", "DELETE"]),
        )
    ]


class StoredResponses:
    """Answers 404 in OpenAI's form to those whose key is right."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, OPENAI)
        try:
            exchange.authenticate(self._state.keys)
            raise stored(scope["path_params"]["response"].partition("/")[0])
        except Error as error:
            await exchange.fail(error)
