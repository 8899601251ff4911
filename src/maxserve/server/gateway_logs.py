"""The logs of Cloudflare's gateways: list, show, rate, delete (docs/wire/cloudflare.md §3.5)."""

from __future__ import annotations

import re
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ..apis.cloudflare.manage import listed, log_object, success
from ..apis.cloudflare.options import scalars
from ..chat import InvalidRequest, NotFound
from ..gateway.log import forget, judge, line, lines
from ..gateway.record import Wanted
from .exchange import App, Exchange
from .management import Management
from .query import Query

_NUMBERS = ("cost", "duration", "tokens_in", "tokens_out")
_ORDERS = ("created_at", *_NUMBERS, "model", "success", "cached", "feedback")
_FILTERS = (
    "success", "cached", "model", "event_id", "feedback", "start_date", "end_date", "order_by", "order_by_direction",
    "direction", *(f"{end}_{name}" for end in ("min", "max") for name in _NUMBERS),
)  # fmt: skip
"""By what lines may be chosen. What is not here is refused: a filter passed over would delete what was to stay."""

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}").fullmatch


class _Judgement(msgspec.Struct):
    """What may be changed in a line of the log; null takes a judgement back."""

    score: float | UnsetType | None = UNSET
    feedback: Annotated[float, Meta(ge=-1, le=1)] | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


_judgement = msgspec.json.Decoder(_Judgement).decode


def log_endpoints(manage: Management) -> dict[str, App]:
    """Return the endpoints by their paths below a gateway's."""
    body = manage.endpoint(GET=_body)
    return {
        "/logs": manage.endpoint(GET=_logs, DELETE=_forget),
        "/logs/{log}": manage.endpoint(GET=_line, PATCH=_judge),
        "/logs/{log}/request": body,
        "/logs/{log}/response": body,
    }


async def _logs(manage: Management, exchange: Exchange, query: Query) -> bytes:
    account, gateway = manage.gateway(exchange)
    query.only(*_FILTERS, "page", "per_page", "meta_info")
    page, per_page = query.number("page", 1, 1, 10**6), query.number("per_page", 20, 1, 100)
    wanted = _wanted(query)
    database = await manage.database()
    found, total = await database.read(lambda c: lines(c, account, gateway, wanted, page, per_page))
    return listed([log_object(entry) for entry in found], page, per_page, total)


async def _forget(manage: Management, exchange: Exchange, query: Query) -> bytes:
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
    account, gateway = manage.gateway(exchange)
    try:
        inference = _judgement(await exchange.body(manage.state.config.server.max_body_bytes))
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"score, feedback and metadata may be changed: {error}") from None
    changes = {name: value for name, value in msgspec.structs.asdict(inference).items() if value is not UNSET}
    if "metadata" in changes:
        changes["metadata"] = scalars(changes["metadata"])
    log_id = _log_id(exchange)
    database = await manage.database()
    if changes and not await database.write(lambda c: judge(c, account, gateway, log_id, changes)):
        raise _no_log(log_id)
    return success(log_object(await _found(manage, exchange)))


async def _found(manage: Management, exchange: Exchange) -> Any:
    account, gateway = manage.gateway(exchange)
    log_id = _log_id(exchange)
    database = await manage.database()
    entry = await database.read(lambda c: line(c, account, gateway, log_id))
    if entry is None:
        raise _no_log(log_id)
    return entry


def _log_id(exchange: Exchange) -> str:
    log_id = exchange.context.path["log"]
    if not _ULID(log_id):
        raise _no_log(log_id)
    return log_id


def _no_log(log_id: str) -> NotFound:
    return NotFound(f"There is no log {log_id} in this gateway.")


def _wanted(query: Query) -> Any:
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
