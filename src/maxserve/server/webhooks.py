"""Management paths of webhooks: list, show and replay deliveries, enable addresses (docs/webhooks.md)."""

from __future__ import annotations

import re
from typing import cast, get_args

import msgspec

from ..chat import InvalidRequest, NotFound
from ..store.clock import clock
from ..tasks import admin_queries
from ..tasks.view import DeliveryPage, EndpointList, delivery_detail, delivery_view, endpoint_view
from ..webhooks import outbox
from ..webhooks.delivery import DeliveryState, WebhookDelivery
from .exchange import Exchange
from .query import Query
from .records import Records, no_cursor

STATES: tuple[str, ...] = get_args(DeliveryState)

_well_formed = re.compile(r"msg_[0-9A-Z]{26}").fullmatch
_encode = msgspec.json.Encoder().encode


class _Address(msgspec.Struct):
    """The body that enables an address."""

    url: str


_address = msgspec.json.Decoder(_Address).decode


class WebhookManagement(Records):
    """Answers the paths."""

    async def list(self, exchange: Exchange, query: Query) -> bytes:
        """Answer with a page of deliveries, latest first."""
        query.only("state", "task", "limit", "after")
        limit = query.number("limit", 20, 1, 100)
        state = cast("DeliveryState | None", query.choice("state", STATES))
        task, after = query.text("task").lower() or None, query.text("after") or None
        if after is not None and not _well_formed(after):
            raise no_cursor()
        owner = self.owner(exchange)
        found = await self.read(
            lambda c: outbox.deliveries(c, owner, task=task, state=state, before=after, limit=limit + 1)
        )
        page = found[:limit]
        more = page[-1].id if len(found) > limit else None
        return _encode(DeliveryPage(webhooks=[delivery_view(hook) for hook in page], next=more))

    async def show(self, exchange: Exchange, query: Query) -> bytes:
        """Answer with a delivery."""
        owner, hook_id = self.owner(exchange), _id(exchange)
        return _encoded(await self.read(lambda c: outbox.show(c, owner, hook_id)), hook_id)

    async def replay(self, exchange: Exchange, query: Query) -> bytes:
        """Send a delivery again, under its id."""
        owner, hook_id, now = self.owner(exchange), _id(exchange), clock()
        hook = await self.write(lambda c: outbox.replay(c, owner, hook_id, now(c)))
        (await self.state.storage.sender()).wake()
        return _encoded(hook, hook_id)

    async def endpoints(self, exchange: Exchange, query: Query) -> bytes:
        """Answer with the addresses that are not called any more."""
        owner = self.owner(exchange)
        found = await self.read(lambda c: admin_queries.disabled(c, owner))
        views = [endpoint_view(one.owner, one.url, one.disabled_at, one.reason) for one in found]
        return _encode(EndpointList(endpoints=views))

    async def enable(self, exchange: Exchange, query: Query) -> bytes:
        """Call an address again from now on; answers with those that stay disabled."""
        try:
            url = _address(await exchange.body(self.state.config.server.max_body_bytes)).url
        except msgspec.DecodeError as error:
            raise InvalidRequest(f'The body must be {{"url": "…"}}: {error}.') from None
        owner = self.owner(exchange)
        # No database takes a null character.
        if "\0" in url or not await self.write(lambda c: admin_queries.enable(c, owner, url)):
            raise NotFound("That address is not disabled.", param="url")
        return await self.endpoints(exchange, query)


def _id(exchange: Exchange) -> str:
    hook_id = exchange.context.path["hook"]
    if not _well_formed(hook_id):
        raise NotFound(f"There is no delivery {hook_id}.")
    return hook_id


def _encoded(hook: WebhookDelivery | None, hook_id: str) -> bytes:
    if hook is None:
        raise NotFound(f"There is no delivery {hook_id}.")
    return _encode(delivery_detail(hook))
