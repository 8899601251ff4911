"""Lists of models in the form of the API that is called: `GET …/v1/models` and `GET …/v1/models/{id}`.

Ids may hold `/`, `:` and `@`, plain or percent-encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Route

from ..apis.adapter import ApiAdapter, ModelList
from ..apis.registry import APIS
from .exchange import Exchange, Receive, Scope, Send
from .lifecycle import Gate
from .state import State

SHARED = "/v1/models"


class Form(NamedTuple):
    """How one API lists models, and the adapter that writes its errors."""

    models: ModelList
    adapter: ApiAdapter


class ModelsEndpoint:
    """Lists models in one form; on the shared path in the one that the caller expects."""

    def __init__(self, state: State, gate: Gate, forms: Mapping[str, Form], name: str | None = None) -> None:
        """Take the form called `name`; None = decided by the request, the key, then the configuration."""
        flavour = state.config.chat.flavour
        self._gate = gate
        self._forms = forms
        self._name = name
        self._default = "openai" if flavour == "model" else flavour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, self._form(scope).adapter)
        await self._gate.handle(exchange, self._list, self._gate.authenticate)

    async def _list(self, exchange: Exchange) -> None:
        form = self._form(exchange.scope, exchange.context.flavour)
        exchange.adapter = form.adapter
        name = exchange.context.path.get("model")
        if name is None:
            query = parse_qs(exchange.scope["query_string"].decode("latin-1"), keep_blank_values=True)
            body = form.models.all(query)
        else:
            body = form.models.one(name)
        await exchange.respond(200, body)

    def _form(self, scope: Scope, flavour: str | None = None) -> Form:
        if self._name is not None:
            return self._forms[self._name]
        if is_anthropic_client(scope):
            return self._forms["anthropic"]
        return self._forms[flavour or self._default]


def model_routes(state: State, gate: Gate, adapters: Mapping[str, ApiAdapter]) -> list[BaseRoute]:
    """Return the routes of all lists; `adapters` are those of the APIs by path, for their errors."""
    catalogue = state.service.catalogue
    forms = {api.name: Form(api.models(catalogue), adapters[api.error_path]) for api in APIS if api.models is not None}
    names: dict[str, str | None] = {SHARED: None, "/minimax/anthropic/v1/models": "anthropic"}
    names |= {f"/{name}/v1/models": name for name in forms}
    endpoints = {path: ModelsEndpoint(state, gate, forms, name) for path, name in names.items()}
    return [
        Route(route, endpoint, methods=["GET"])
        for path, endpoint in endpoints.items()
        for route in (path, path + "/{model:path}")
    ]


def is_anthropic_client(scope: Scope) -> bool:
    """Whether the caller is a client of Anthropic's API, which requires this header of every request."""
    return any(name == b"anthropic-version" for name, _ in scope["headers"])
