"""Cloudflare's management paths: models, tokens and gateways (docs/wire/cloudflare.md §3, §3.5)."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from ..apis.cloudflare.manage import (
    gateway_object,
    listed,
    models_page,
    names_body,
    openai_models,
    schema_body,
    success,
    token_body,
)
from ..chat import InvalidRequest, MethodNotAllowed
from .cloudflare import ACCOUNT, MOUNT
from .exchange import App, Exchange
from .gateway_logs import log_endpoints
from .lifecycle import Gate
from .management import Management
from .methods import METHODS
from .query import Query
from .state import State

GATEWAYS = "/ai-gateway/gateways"


async def _search(manage: Management, exchange: Exchange, query: Query) -> bytes:
    return models_page(
        manage.catalogue,
        query.text("search"),
        query.text("author"),
        query.text("task"),
        query.number("page", 1, 1, 10**6),
        query.number("per_page", 20, 1, 1000),
    )


async def _schema(manage: Management, exchange: Exchange, query: Query) -> bytes:
    name = query.text("model")
    if not name:
        raise InvalidRequest("Required value missing: model", param="model")
    return schema_body(manage.catalogue.resolve(name))


async def _authors(manage: Management, exchange: Exchange, query: Query) -> bytes:
    return names_body(["MiniMax"], "The maker of the models that are served here.")


async def _tasks(manage: Management, exchange: Exchange, query: Query) -> bytes:
    return names_body(["Text Generation"], "Generates text from a conversation.")


async def _openai_models(manage: Management, exchange: Exchange, query: Query) -> bytes:
    if not manage.state.config.cloudflare.models_list:
        raise MethodNotAllowed("GET not supported for requested URI.")
    return openai_models(manage.catalogue)


async def _verify(manage: Management, exchange: Exchange, query: Query) -> bytes:
    return token_body(exchange.context.key)


async def _gateways(manage: Management, exchange: Exchange, query: Query) -> bytes:
    page, per_page = query.number("page", 1, 1, 10**6), query.number("per_page", 20, 1, 100)
    wanted = [
        gateway_object(name, settings, manage.started)
        for name, settings in manage.settings.items()
        if query.text("search") in name
    ]
    return listed(wanted[(page - 1) * per_page : page * per_page], page, per_page, len(wanted))


async def _gateway(manage: Management, exchange: Exchange, query: Query) -> bytes:
    _, name = manage.gateway(exchange)
    settings = manage.settings.get(name, manage.settings["default"])
    return success(gateway_object(name, settings, manage.started))


async def _url(manage: Management, exchange: Exchange, query: Query) -> bytes:
    account, gateway = manage.gateway(exchange)
    scope = exchange.scope
    host = exchange.context.header(b"host") or "localhost"
    provider = exchange.context.path["provider"]
    end = "" if provider == "universal" else f"/{provider}"
    url = f"{scope['scheme']}://{host}/v1/{account}/{gateway}{end}"
    # The binding's client wants an object, the others a text.
    return success(url if "account" in exchange.context.path else {"url": url})


def management_routes(state: State, gate: Gate) -> list[BaseRoute]:
    """Return the routes; each is there under `/cloudflare`, too."""
    manage = Management(state, gate)
    url = manage.endpoint(GET=_url)
    paths: dict[str, App] = {
        "/client/v4/user/tokens/verify": manage.endpoint(GET=_verify),
        f"{ACCOUNT}/ai/models/search": manage.endpoint(GET=_search),
        "/ai-api/models/search": manage.endpoint(GET=_search),  # the binding's
        f"{ACCOUNT}/ai/models/schema": manage.endpoint(GET=_schema),
        f"{ACCOUNT}/ai/authors/search": manage.endpoint(GET=_authors),
        f"{ACCOUNT}/ai/tasks/search": manage.endpoint(GET=_tasks),
        f"{ACCOUNT}/ai/v1/models": manage.endpoint(GET=_openai_models),
        f"{ACCOUNT}{GATEWAYS}": manage.endpoint(GET=_gateways),
    }
    logs = log_endpoints(manage)
    for prefix in (ACCOUNT, ""):  # the binding has no account in its paths
        paths |= {
            f"{prefix}{GATEWAYS}/{{gateway}}": manage.endpoint(GET=_gateway),
            f"{prefix}{GATEWAYS}/{{gateway}}/url/{{provider}}": url,
        }
        paths |= {f"{prefix}{GATEWAYS}/{{gateway}}{path}": endpoint for path, endpoint in logs.items()}
    return [Route(mount + path, app, methods=METHODS) for path, app in paths.items() for mount in ("", MOUNT)]
