"""Lists of models, in the form of the API that is asked: `GET …/v1/models` and `GET …/v1/models/{id}`.

Ids may hold `/`, `:` and `@`, plain or percent-encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.routing import BaseRoute, Route

from ..apis.adapter import ApiAdapter, ModelList, RequestContext
from ..apis.anthropic.models import AnthropicModels
from ..apis.cloudsway import CloudswayModels
from ..apis.minimax.models import MinimaxModels
from ..apis.openai_chat import OpenAIModels
from ..apis.runware import RunwareModels
from ..chat import Error
from .exchange import Exchange, Receive, Scope, Send
from .routes import OPENAI
from .state import State

SHARED = "/v1/models"


class Form(NamedTuple):
    """How one API lists models, and the door in whose form its errors are."""

    listing: ModelList
    adapter: ApiAdapter


class ModelsEndpoint:
    """Lists models in one form, or where there are several in the one that the caller expects."""

    def __init__(self, state: State, forms: Mapping[str, Form], name: str | None = None) -> None:
        """Take the form called `name`; None = decide by the request, then by the key, then by the configuration."""
        flavour = state.config.chat.flavour
        self._state = state
        self._forms = forms
        self._name = name
        self._default = "openai" if flavour == "model" else flavour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        form = self._form(scope)
        exchange = Exchange(scope, receive, send, form.adapter)
        try:
            exchange.authenticate(self._state.keys)
            form = self._form(scope, exchange.context)
            exchange.adapter = form.adapter
            name: str | None = scope["path_params"].get("model")
            if name is None:
                query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
                body = form.listing.all(query)
            else:
                body = form.listing.one(name)
            await exchange.respond(200, body)
        except Error as error:
            await exchange.fail(error)

    def _form(self, scope: Scope, context: RequestContext | None = None) -> Form:
        if self._name is not None:
            return self._forms[self._name]
        if speaks_anthropic(scope):
            return self._forms["anthropic"]
        return self._forms[(context and context.flavour) or self._default]


def model_routes(state: State, adapters: Mapping[str, ApiAdapter]) -> list[BaseRoute]:
    """Return the routes of all lists; `adapters` are those of the APIs by path, for their form of an error."""
    catalogue = state.service.catalogue
    forms = {
        "openai": Form(OpenAIModels(catalogue), OPENAI),
        "minimax": Form(MinimaxModels(catalogue), adapters["/minimax/v1/chat/completions"]),
        "cloudsway": Form(CloudswayModels(catalogue), adapters["/cloudsway/v1/chat/completions"]),
        "runware": Form(RunwareModels(catalogue), adapters["/runware/v1/chat/completions"]),
        "anthropic": Form(AnthropicModels(catalogue), adapters["/anthropic/v1/messages"]),
    }
    endpoints = {
        SHARED: ModelsEndpoint(state, forms),
        "/minimax/anthropic/v1/models": ModelsEndpoint(state, forms, "anthropic"),
    }
    endpoints |= {f"/{name}/v1/models": ModelsEndpoint(state, forms, name) for name in forms}
    return [
        Route(route, endpoint, methods=["GET"])
        for path, endpoint in endpoints.items()
        for route in (path, path + "/{model:path}")
    ]


def speaks_anthropic(scope: Scope) -> bool:
    """Whether the caller is a client of Anthropic's API: it requires this header of every request."""
    return any(name == b"anthropic-version" for name, _ in scope["headers"])
