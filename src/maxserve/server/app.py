"""The routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ..dialects.anthropic import Messages
from ..dialects.cloudflare.universal import Universal
from ..dialects.door import Door
from ..dialects.runware import RunwareDoor
from .asgi import App, Receive, Scope, Send
from .cloudflare import UNIVERSAL, cloudflare_doors, every_door
from .counting import Counting
from .doors import generation_doors
from .gateway import GatewayGeneration
from .generation import Generation
from .health import Readyz, livez
from .management_routes import management_routes
from .models import model_routes
from .reference import Reference
from .responses import stored_routes
from .runware import PATHS, task_endpoints
from .state import State
from .stray import Stray
from .tasks import task_routes
from .universal import UniversalGeneration
from .unupgraded import Unupgraded


def create_app(state: State) -> App:
    """Return the ASGI app over `state`; starting and closing the engines is its owner's.

    The way that tokens take goes past Starlette's middleware and routing where its path has no variables; everything
    else goes through it.
    """
    doors = generation_doors(state.config)
    generations = {path: Generation(state, door) for path, door in doors.items()}
    gateways = cloudflare_doors(state.service.catalogue, doors)
    generations |= {path: GatewayGeneration(state, door) for path, door in gateways.items()}
    universal = Universal(state.service.catalogue, doors["/v1/messages"])
    generations |= {path: UniversalGeneration(state, universal) for path in UNIVERSAL}
    tasks = task_endpoints(state)
    generations |= dict.fromkeys(PATHS, tasks.rest)
    others = _routes(state, generations, doors, gateways)
    sockets: dict[str, App] = dict.fromkeys(PATHS, tasks.socket)
    unupgraded = Unupgraded(others)
    straight = {path: endpoint for path, endpoint in generations.items() if "{" not in path}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await sockets.get(scope["path"], unupgraded)(scope, receive, send)
            return
        endpoint = straight.get(scope["path"]) if scope["method"] == "POST" else None
        await (endpoint or others)(scope, receive, send)

    return app


def _routes(
    state: State, generations: dict[str, Generation], doors: dict[str, Door], gateways: dict[str, Door]
) -> Starlette:
    reference = Reference(state, every_door(state.service.catalogue, doors))
    counts = {
        f"{path}/count_tokens": Counting(state, door) for path, door in doors.items() if isinstance(door, Messages)
    }
    return Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in generations.items()),
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in counts.items()),
            *stored_routes(state),
            *model_routes(state, doors),
            *management_routes(state),
            *task_routes(state),
            Route("/", reference.root, methods=["GET"]),
            Route("/docs", reference.docs, methods=["GET"]),
            Route("/openapi.json", reference.openapi, methods=["GET"]),
            Route("/livez", livez_app, methods=["GET"]),
            Route("/readyz", Readyz(state), methods=["GET"]),
        ],
        exception_handlers={HTTPException: Stray(doors | gateways | dict.fromkeys(PATHS, RunwareDoor()))},
    )


class _Livez:
    """Wraps the function: routes take plain functions for request handlers, not for ASGI apps."""

    __call__ = staticmethod(livez)


livez_app = _Livez()
