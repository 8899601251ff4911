"""The routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..chat import Error, InvalidRequest, NotFound
from ..dialects.openai import error_body
from .chat import ChatCompletions
from .health import Readyz, livez
from .models import Models
from .state import State


def create_app(state: State) -> Starlette:
    """Return the ASGI app over `state`; starting and closing the engines is its owner's."""
    chat, models = ChatCompletions(state), Models(state)
    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/models", models, methods=["GET"]),
            Route("/v1/models/{model:path}", models, methods=["GET"]),
            Route("/livez", livez_app, methods=["GET"]),
            Route("/readyz", Readyz(state), methods=["GET"]),
        ],
        exception_handlers={HTTPException: _http_error},
    )


class _Livez:
    """Wraps the function: routes take plain functions for request handlers, not for ASGI apps."""

    __call__ = staticmethod(livez)


livez_app = _Livez()


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer unknown paths and wrong methods in the API's own form."""
    assert isinstance(error, HTTPException)
    fault: Error
    if error.status_code == 404:
        fault = NotFound(f"There is nothing at {request.url.path}. Chat completions are at /v1/chat/completions.")
    else:
        fault = InvalidRequest(f"{request.method} is not allowed at {request.url.path}.")
    return Response(error_body(fault)[1], error.status_code, headers=error.headers, media_type="application/json")
