"""`GET /v1/models` and `GET /v1/models/{id}`; ids may hold `/`, `:` and `@`, plain or percent-encoded."""

from __future__ import annotations

from ..chat import Error
from ..dialects.openai import model_body, model_list
from .asgi import Exchange, Receive, Scope, Send
from .doors import PLAIN
from .state import State


class Models:
    """The list, and single models by any of their names."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._list = model_list(state.service.catalogue)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, PLAIN)
        try:
            self._state.keys.admit(exchange)
            name: str | None = scope["path_params"].get("model")
            if name is None:
                await exchange.respond(200, self._list)
            else:
                await exchange.respond(200, model_body(name, self._state.service.catalogue.resolve(name)))
        except Error as error:
            await exchange.fail(error)
