"""Unknown paths and wrong methods, answered in the form of the API that the path resembles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..apis.adapter import ApiAdapter, Headers
from ..apis.anthropic.api import MESSAGES
from ..apis.cloudflare.api import BINDING, REST
from ..apis.registry import error_path_of
from ..chat import Error, MethodNotAllowed, NotFound
from .exchange import Exchange, Receive, Scope, Send
from .lifecycle import Gate
from .models import is_anthropic_client
from .routes import SHARED_CHAT
from .runware import PATHS

_GATEWAY_HOST = re.compile(r"(/cloudflare)?/v1/[0-9a-f]{32}/").match


class NotFoundHandler:
    """Turns the router's 404 and 405 into errors of an API."""

    def __init__(self, gate: Gate, adapters: Mapping[str, ApiAdapter]) -> None:
        self._gate = gate
        self._adapters = adapters

    async def __call__(self, request: Request, error: Exception) -> Response:
        """Return the answer to an `HTTPException` of the router's, with its status."""
        assert isinstance(error, HTTPException)
        path, method = request.scope["path"], request.scope["method"]
        resembled = _resembled_path(request.scope)
        problem: Error
        if resembled in (REST, BINDING):
            problem = MethodNotAllowed(f"{method} not supported for requested URI.")
            if error.status_code == 404:
                problem = NotFound(f"Could not route to {path}, perhaps your object identifier is invalid?")
        elif error.status_code == 404:
            problem = NotFound(f"There is nothing at {path}. Send requests to {resembled}.")
        else:
            problem = MethodNotAllowed(f"{method} is not allowed at {path}.")
        headers: Headers = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (error.headers or {}).items()
        ]
        return cast(
            Response, _ErrorResponse(self._gate, problem, error.status_code, self._adapters[resembled], headers)
        )


class _ErrorResponse:
    """An error whose status is the router's. Starlette only calls a response, so it need not be one of its own."""

    def __init__(self, gate: Gate, error: Error, status: int, adapter: ApiAdapter, headers: Headers) -> None:
        self._gate = gate
        self._error = error
        self._status = status
        self._adapter = adapter
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gate.handle(Exchange(scope, receive, send, self._adapter), self._respond, None)

    async def _respond(self, exchange: Exchange) -> None:
        exchange.error = self._error
        body = self._adapter.error(self._error, exchange.context)[1]
        await exchange.respond(self._status, body, self._headers)


def _resembled_path(scope: Scope) -> str:
    path: str = scope["path"]
    if _GATEWAY_HOST(path):
        return BINDING
    if path in PATHS:
        return path
    return error_path_of(path) or (MESSAGES if is_anthropic_client(scope) else SHARED_CHAT)
