"""Requests that lead nowhere: unknown paths and wrong methods, answered in the form of the API that was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..apis.adapter import ApiAdapter, Headers
from ..chat import Error, MethodNotAllowed, NotFound
from .exchange import Exchange, Receive, Scope, Send
from .models import speaks_anthropic
from .runware import PATHS

CLOUDFLARE = "/client/v4/accounts/{account}/ai/v1/chat/completions"

_GATEWAY_HOST = re.compile(r"(/cloudflare)?/v1/[0-9a-f]{32}/").match

# The first beginning that fits decides; beside it the path whose door answers.
_MOUNTS = (
    ("/client/", CLOUDFLARE),
    ("/cloudflare/", CLOUDFLARE),
    ("/ai-gateway/gateways/", CLOUDFLARE),  # all that the binding asks beside models has the v4 envelope
    ("/ai-gateway/", "/run"),
    ("/ai-api/", CLOUDFLARE),
    ("/to-everything/", CLOUDFLARE),
    ("/autorag/", CLOUDFLARE),
    ("/runware/v1/chat/", "/runware/v1/chat/completions"),
    ("/runware/v1/models", "/runware/v1/chat/completions"),
    ("/runware", "/runware"),
    ("/run", "/run"),
    ("/anthropic/", "/anthropic/v1/messages"),
    ("/v1/messages", "/v1/messages"),
    ("/minimax/anthropic/", "/minimax/anthropic/v1/messages"),
    ("/minimax/v1/text/", "/minimax/v1/text/chatcompletion_v2"),
    ("/minimax/", "/minimax/v1/chat/completions"),
    ("/v1/text/", "/v1/text/chatcompletion_v2"),
    ("/cloudsway/v1/ai/", "/cloudsway/v1/ai/{endpoint}/chat/completions"),
    ("/cloudsway/", "/cloudsway/v1/chat/completions"),
    ("/v1/ai/", "/v1/ai/{endpoint}/chat/completions"),
    ("/openai/", "/openai/v1/chat/completions"),
)


class NotFoundHandler:
    """Answers what the routes do not take."""

    def __init__(self, adapters: Mapping[str, ApiAdapter]) -> None:
        self._adapters = adapters

    async def __call__(self, request: Request, error: Exception) -> Response:
        """Return the answer to an `HTTPException` of the router's, with its status."""
        assert isinstance(error, HTTPException)
        path, method = request.scope["path"], request.scope["method"]
        there = _meant(request.scope)
        fault: Error
        if there in (CLOUDFLARE, "/run"):
            fault = MethodNotAllowed(f"{method} not supported for requested URI.")
            if error.status_code == 404:
                fault = NotFound(f"Could not route to {path}, perhaps your object identifier is invalid?")
        elif error.status_code == 404:
            fault = NotFound(f"There is nothing at {path}. Send requests to {there}.")
        else:
            fault = MethodNotAllowed(f"{method} is not allowed at {path}.")
        headers: Headers = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (error.headers or {}).items()
        ]
        return cast(Response, _Answer(fault, error.status_code, self._adapters[there], headers))


class _Answer:
    """An error whose status is the router's; all that Starlette asks of a response is that it can be called."""

    def __init__(self, error: Error, status: int, adapter: ApiAdapter, headers: Headers) -> None:
        self._error = error
        self._status = status
        self._adapter = adapter
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send, self._adapter)
        await exchange.respond(self._status, self._adapter.error(self._error, exchange.context)[1], self._headers)


def _meant(scope: Scope) -> str:
    if _GATEWAY_HOST(scope["path"]):
        return "/run"
    if scope["path"] in PATHS:
        return str(scope["path"])
    for beginning, there in _MOUNTS:
        if scope["path"].startswith(beginning):
            return there
    return "/v1/messages" if speaks_anthropic(scope) else "/v1/chat/completions"
