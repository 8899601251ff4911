"""The ASGI app: every route, each behind the gate."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ..apis.adapter import ApiAdapter
from ..apis.anthropic import MessagesAdapter
from ..apis.cloudflare.universal import UniversalAdapter
from ..apis.runware import RunwareErrorAdapter
from .cloudflare import UNIVERSAL, cloudflare_adapters, every_adapter
from .count_tokens import CountTokensHandler
from .exchange import App, Receive, Scope, Send
from .gateway import GatewayEndpoint
from .generation import GenerationHandler
from .health import ReadyzHandler, livez
from .lifecycle import Gate, authenticated, public
from .management_routes import management_routes
from .models import model_routes
from .not_found import NotFoundHandler
from .reference import Reference
from .routes import OPENAI, generation_adapters
from .runware import PATHS, task_endpoints
from .state import State
from .stored_responses import stored_response_routes
from .tasks import task_routes
from .websocket_fallback import WebSocketFallback


class Application:
    """The ASGI app. Fixed paths of generation are called directly; Starlette routes everything else."""

    def __init__(self, direct: dict[str, App], websockets: dict[str, App], routed: Starlette) -> None:
        self._direct = direct
        self._websockets = websockets
        self._fallback = WebSocketFallback(routed)
        self.routed = routed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] != "http":
            await self._websockets.get(scope["path"], self._fallback)(scope, receive, send)
            return
        endpoint = self._direct.get(scope["path"]) if scope["method"] == "POST" else None
        await (endpoint or self.routed)(scope, receive, send)


def create_app(state: State) -> Application:
    """Return the ASGI app over `state`; starting and closing the engines is its owner's."""
    gate = Gate(
        state.keys,
        request_timeout_s=state.config.limits.request_timeout_s,
        log_requests=state.config.server.access_log,
    )
    adapters = generation_adapters(state.config)
    endpoints: dict[str, App] = {
        path: authenticated(gate, adapter, GenerationHandler(state, adapter)) for path, adapter in adapters.items()
    }
    gateways = cloudflare_adapters(state.service.catalogue, adapters)
    endpoints |= {path: GatewayEndpoint(state, gate, adapter) for path, adapter in gateways.items()}
    universal = UniversalAdapter(state.service.catalogue, adapters["/v1/messages"])
    endpoints |= {path: GatewayEndpoint(state, gate, universal) for path in UNIVERSAL}
    tasks = task_endpoints(state, gate)
    endpoints |= dict.fromkeys(PATHS, tasks.rest)
    routed = _routes(state, gate, endpoints, adapters, gateways)
    direct = {path: endpoint for path, endpoint in endpoints.items() if "{" not in path}
    return Application(direct, dict.fromkeys(PATHS, tasks.socket), routed)


def _routes(
    state: State,
    gate: Gate,
    endpoints: dict[str, App],
    adapters: dict[str, ApiAdapter],
    gateways: dict[str, ApiAdapter],
) -> Starlette:
    reference = Reference(state, every_adapter(state.service.catalogue, adapters))
    counts = {
        f"{path}/count_tokens": authenticated(gate, adapter, CountTokensHandler(state, adapter))
        for path, adapter in adapters.items()
        if isinstance(adapter, MessagesAdapter)
    }
    return Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in endpoints.items()),
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in counts.items()),
            *stored_response_routes(gate),
            *model_routes(state, gate, adapters),
            *management_routes(state, gate),
            *task_routes(state, gate),
            Route("/", public(gate, OPENAI, reference.root), methods=["GET"]),
            Route("/docs", public(gate, OPENAI, reference.docs), methods=["GET"]),
            Route("/openapi.json", public(gate, OPENAI, reference.openapi), methods=["GET"]),
            Route("/livez", public(gate, OPENAI, livez), methods=["GET"]),
            Route("/readyz", public(gate, OPENAI, ReadyzHandler(state)), methods=["GET"]),
        ],
        exception_handlers={
            HTTPException: NotFoundHandler(gate, adapters | gateways | dict.fromkeys(PATHS, RunwareErrorAdapter()))
        },
    )
