"""The routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ..apis.adapter import ApiAdapter
from ..apis.anthropic import MessagesAdapter
from ..apis.cloudflare.universal import UniversalAdapter
from ..apis.runware import RunwareErrorAdapter
from .cloudflare import UNIVERSAL, cloudflare_adapters, every_adapter
from .count_tokens import CountTokensEndpoint
from .exchange import App, Receive, Scope, Send
from .gateway import GatewayGeneration
from .generation import GenerationEndpoint
from .health import Readyz, livez
from .management_routes import management_routes
from .models import model_routes
from .not_found import NotFoundHandler
from .reference import Reference
from .responses import stored_routes
from .routes import generation_adapters
from .runware import PATHS, task_endpoints
from .state import State
from .tasks import task_routes
from .universal import UniversalGeneration
from .websocket_fallback import WebSocketFallback


def create_app(state: State) -> App:
    """Return the ASGI app over `state`; starting and closing the engines is its owner's.

    The way that tokens take goes past Starlette's middleware and routing where its path has no variables; everything
    else goes through it.
    """
    adapters = generation_adapters(state.config)
    generations = {path: GenerationEndpoint(state, adapter) for path, adapter in adapters.items()}
    gateways = cloudflare_adapters(state.service.catalogue, adapters)
    generations |= {path: GatewayGeneration(state, adapter) for path, adapter in gateways.items()}
    universal = UniversalAdapter(state.service.catalogue, adapters["/v1/messages"])
    generations |= {path: UniversalGeneration(state, universal) for path in UNIVERSAL}
    tasks = task_endpoints(state)
    generations |= dict.fromkeys(PATHS, tasks.rest)
    others = _routes(state, generations, adapters, gateways)
    sockets: dict[str, App] = dict.fromkeys(PATHS, tasks.socket)
    unupgraded = WebSocketFallback(others)
    straight = {path: endpoint for path, endpoint in generations.items() if "{" not in path}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await sockets.get(scope["path"], unupgraded)(scope, receive, send)
            return
        endpoint = straight.get(scope["path"]) if scope["method"] == "POST" else None
        await (endpoint or others)(scope, receive, send)

    return app


def _routes(
    state: State,
    generations: dict[str, GenerationEndpoint],
    adapters: dict[str, ApiAdapter],
    gateways: dict[str, ApiAdapter],
) -> Starlette:
    reference = Reference(state, every_adapter(state.service.catalogue, adapters))
    counts = {
        f"{path}/count_tokens": CountTokensEndpoint(state, adapter)
        for path, adapter in adapters.items()
        if isinstance(adapter, MessagesAdapter)
    }
    return Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in generations.items()),
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in counts.items()),
            *stored_routes(state),
            *model_routes(state, adapters),
            *management_routes(state),
            *task_routes(state),
            Route("/", reference.root, methods=["GET"]),
            Route("/docs", reference.docs, methods=["GET"]),
            Route("/openapi.json", reference.openapi, methods=["GET"]),
            Route("/livez", livez_app, methods=["GET"]),
            Route("/readyz", Readyz(state), methods=["GET"]),
        ],
        exception_handlers={
            HTTPException: NotFoundHandler(adapters | gateways | dict.fromkeys(PATHS, RunwareErrorAdapter()))
        },
    )


class _Livez:
    """Wraps the function: routes take plain functions for request handlers, not for ASGI apps."""

    __call__ = staticmethod(livez)


livez_app = _Livez()
