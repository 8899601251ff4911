"""Cloudflare's management paths: models, tokens, gateways and their logs (specs/cloudflare.md §3, §3.5)."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.routing import BaseRoute, Route

from ..chat import EngineUnavailable, Error, InternalError, InvalidRequest, MethodNotAllowed, NotFound
from ..dialects.cloudflare import CloudflareChat, Form, in_body, v4_body
from ..dialects.cloudflare.manage import (
    gateway_object,
    listed,
    log_object,
    models_page,
    names_body,
    openai_models,
    schema_body,
    success,
    token_body,
)
from ..dialects.cloudflare.opening import gateway_of
from ..dialects.cloudflare.options import scalars
from ..gateway import GatewaySettings
from ..store import StoreError
from .accounts import Accounts
from .asgi import App, ClientGone, Exchange, Receive, Scope, Send
from .cloudflare import ACCOUNT, MOUNT
from .query import Query
from .state import State

if TYPE_CHECKING:
    from ..store.database import Database

log = logging.getLogger("maxserve.server")

GATEWAYS = "/ai-gateway/gateways"
LOGS = f"{GATEWAYS}/{{gateway}}/logs"
_NUMBERS = ("cost", "duration", "tokens_in", "tokens_out")
_ORDERS = ("created_at", *_NUMBERS, "model", "success", "cached", "feedback")
_FILTERS = (
    "success", "cached", "model", "event_id", "feedback", "start_date", "end_date", "order_by", "order_by_direction",
    "direction", *(f"{end}_{name}" for end in ("min", "max") for name in _NUMBERS),
)  # fmt: skip
"""By what lines may be chosen. What is not here is refused: a filter passed over would delete what was to stay."""

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}").fullmatch

Handler = Callable[["Management", Exchange, Query], Awaitable[bytes]]


class _Judgement(msgspec.Struct):
    """What may be changed in a line of the log; null takes a judgement back."""

    score: float | UnsetType | None = UNSET
    feedback: Annotated[float, Meta(ge=-1, le=1)] | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


_judgement = msgspec.json.Decoder(_Judgement).decode


class Management:
    """What all management paths share."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.catalogue = state.service.catalogue
        self.settings: Mapping[str, GatewaySettings] = state.config.gateways
        self.accounts = Accounts(state.config.cloudflare.accounts)
        self.door = CloudflareChat(self.catalogue, Form(in_body, False, v4_body))
        self.started = time.time()

    def endpoint(self, **handlers: Handler) -> App:
        """Return the endpoint that answers each method with its handler."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            exchange = Exchange(scope, receive, send, self.door)
            try:
                self.state.keys.admit(exchange)
                if "account" in exchange.arrival.path:
                    self.accounts.check(exchange.arrival.path["account"], exchange.arrival.key, scope["path"])
                handler = handlers.get(scope["method"])
                if handler is None:
                    raise MethodNotAllowed(f"{scope['method']} not supported for requested URI.")
                await exchange.respond(200, await handler(self, exchange, Query(scope)))
            except ClientGone:
                pass
            except Error as error:
                await exchange.fail(error)
            except StoreError as error:
                log.error("%s", error)
                await exchange.fail(EngineUnavailable("The server's database cannot be used; its log says why."))
            except Exception:
                log.exception("request %s failed", exchange.id)
                await exchange.fail(InternalError(f"The server made a mistake; it is logged under {exchange.id}."))

        return app

    async def database(self) -> Database:
        """Return the database once everything that was answered is in it."""
        gateways = await self.state.storage.gateways()
        await gateways.settled()
        return gateways.database

    def gateway(self, exchange: Exchange) -> tuple[str, str]:
        """Return account and gateway that a path is about; the binding's paths are about its key's account."""
        path = exchange.arrival.path
        account = path.get("account")
        return self.accounts.of(exchange.arrival.key) if account is None else account, gateway_of(exchange.arrival)


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
    return token_body(exchange.arrival.key)


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
    host = exchange.arrival.header(b"host") or "localhost"
    provider = exchange.arrival.path["provider"]
    end = "" if provider == "universal" else f"/{provider}"
    url = f"{scope['scheme']}://{host}/v1/{account}/{gateway}{end}"
    # The binding's client wants an object, the others a text.
    return success(url if "account" in exchange.arrival.path else {"url": url})


async def _logs(manage: Management, exchange: Exchange, query: Query) -> bytes:
    from ..gateway.log import lines

    account, gateway = manage.gateway(exchange)
    query.only(*_FILTERS, "page", "per_page", "meta_info")
    page, per_page = query.number("page", 1, 1, 10**6), query.number("per_page", 20, 1, 100)
    wanted = _wanted(query)
    database = await manage.database()
    found, total = await database.read(lambda c: lines(c, account, gateway, wanted, page, per_page))
    return listed([log_object(entry) for entry in found], page, per_page, total)


async def _forget(manage: Management, exchange: Exchange, query: Query) -> bytes:
    from ..gateway.log import forget

    account, gateway = manage.gateway(exchange)
    query.only(*_FILTERS, "limit")
    wanted, limit = _wanted(query), query.number("limit", 10_000, 1, 10_000)
    database = await manage.database()
    await database.write(lambda c: forget(c, account, gateway, wanted, limit))
    return success(None)


async def _line(manage: Management, exchange: Exchange, query: Query) -> bytes:
    return success(log_object(await _found(manage, exchange), whole=True))


async def _body(manage: Management, exchange: Exchange, query: Query) -> bytes:
    which = exchange.scope["path"].rpartition("/")[2]
    body: bytes | None = getattr(await _found(manage, exchange), which)
    if body is None:
        raise NotFound(f"The {which} of this log was not kept.")
    try:
        return success(msgspec.Raw(body) if msgspec.json.decode(body) is not None else None)
    except msgspec.DecodeError:
        return success(body.decode("utf-8", "replace"))  # a stream's frames are a text


async def _judge(manage: Management, exchange: Exchange, query: Query) -> bytes:
    from ..gateway.log import judge

    account, gateway = manage.gateway(exchange)
    try:
        asked = _judgement(await exchange.body(manage.state.config.server.max_body_bytes))
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"score, feedback and metadata may be changed: {error}") from None
    changes = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
    if "metadata" in changes:
        changes["metadata"] = scalars(changes["metadata"])
    log_id = _log_id(exchange)
    database = await manage.database()
    if changes and not await database.write(lambda c: judge(c, account, gateway, log_id, changes)):
        raise _no_log(log_id)
    return success(log_object(await _found(manage, exchange)))


async def _found(manage: Management, exchange: Exchange) -> Any:
    from ..gateway.log import line

    account, gateway = manage.gateway(exchange)
    log_id = _log_id(exchange)
    database = await manage.database()
    entry = await database.read(lambda c: line(c, account, gateway, log_id))
    if entry is None:
        raise _no_log(log_id)
    return entry


def _log_id(exchange: Exchange) -> str:
    log_id = exchange.arrival.path["log"]
    if not _ULID(log_id):
        raise _no_log(log_id)
    return log_id


def _no_log(log_id: str) -> NotFound:
    return NotFound(f"There is no log {log_id} in this gateway.")


def _wanted(query: Query) -> Any:
    from ..gateway.record import Wanted

    order = query.text("order_by", "created_at")
    direction = query.text("order_by_direction", query.text("direction", "desc"))
    if order not in _ORDERS:
        raise InvalidRequest(f"must be one of {', '.join(_ORDERS)}, not '{order}'", param="order_by")
    if direction not in ("asc", "desc"):
        raise InvalidRequest(f"must be asc or desc, not '{direction}'", param="order_by_direction")
    return Wanted(
        success=query.flag("success"),
        cached=query.flag("cached"),
        model=query.text("model") or None,
        event_id=query.text("event_id") or None,
        since=query.time("start_date"),
        until=query.time("end_date"),
        feedback=query.real("feedback"),
        least={name: value for name in _NUMBERS if (value := query.real(f"min_{name}")) is not None},
        most={name: value for name in _NUMBERS if (value := query.real(f"max_{name}")) is not None},
        order=cast(Any, order),
        descending=direction == "desc",
    )


def management_routes(state: State) -> list[BaseRoute]:
    """Return the routes; each is there under `/cloudflare`, too."""
    manage = Management(state)
    logs, line = manage.endpoint(GET=_logs, DELETE=_forget), manage.endpoint(GET=_line, PATCH=_judge)
    body, url = manage.endpoint(GET=_body), manage.endpoint(GET=_url)
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
    for prefix in (ACCOUNT, ""):  # the binding has no account in its paths
        paths |= {
            f"{prefix}{GATEWAYS}/{{gateway}}": manage.endpoint(GET=_gateway),
            f"{prefix}{GATEWAYS}/{{gateway}}/url/{{provider}}": url,
            f"{prefix}{LOGS}": logs,
            f"{prefix}{LOGS}/{{log}}": line,
            f"{prefix}{LOGS}/{{log}}/request": body,
            f"{prefix}{LOGS}/{{log}}/response": body,
        }
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route(mount + path, _App(app), methods=methods) for path, app in paths.items() for mount in ("", MOUNT)]


class _App:
    """Wraps a function: routes take plain functions for request handlers, not for ASGI apps."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
