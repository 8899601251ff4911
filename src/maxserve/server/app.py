"""The routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..chat import Error, InvalidRequest, NotFound
from ..dialects.anthropic import Messages
from ..dialects.door import Door
from ..dialects.openai import error_body
from .asgi import App, Receive, Scope, Send
from .counting import Counting
from .doors import generation_doors
from .generation import Generation
from .health import Readyz, livez
from .models import Models
from .reference import Reference
from .responses import stored_routes
from .state import State


def create_app(state: State) -> App:
    """Return the ASGI app over `state`; starting and closing the engines is its owner's.

    The way that tokens take goes past Starlette's middleware and routing where its path has no variables; everything
    else goes through it.
    """
    doors = generation_doors(state.config)
    generations = {path: Generation(state, door) for path, door in doors.items()}
    others = _routes(state, generations, doors)
    straight = {path: endpoint for path, endpoint in generations.items() if "{" not in path}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = straight.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (endpoint or others)(scope, receive, send)

    return app


def _routes(state: State, generations: dict[str, Generation], doors: dict[str, Door]) -> Starlette:
    models = Models(state)
    reference = Reference(state)
    counts = {
        f"{path}/count_tokens": Counting(state, door) for path, door in doors.items() if isinstance(door, Messages)
    }
    return Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in generations.items()),
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in counts.items()),
            *stored_routes(state),
            Route("/v1/models", models, methods=["GET"]),
            Route("/v1/models/{model:path}", models, methods=["GET"]),
            Route("/", reference.root, methods=["GET"]),
            Route("/docs", reference.docs, methods=["GET"]),
            Route("/openapi.json", reference.openapi, methods=["GET"]),
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
