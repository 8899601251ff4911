"""Shared parts of Cloudflare's management paths: accounts, response form, database access."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from ..apis.cloudflare import CloudflareChatAdapter, Form, in_body, v4_body
from ..apis.cloudflare.model_location import gateway_of
from ..gateway import GatewaySettings
from ..store.database import Database
from .exchange import Exchange
from .lifecycle import Endpoint, Gate, authenticated
from .methods import Methods
from .query import Query
from .state import State

Handler = Callable[["Management", Exchange, Query], Awaitable[bytes]]


class Management:
    """What a handler needs beside the request."""

    def __init__(self, state: State, gate: Gate) -> None:
        self.state = state
        self._gate = gate
        self.catalogue = state.service.catalogue
        self.settings: Mapping[str, GatewaySettings] = state.config.gateways
        self.accounts = state.config.cloudflare_accounts()
        self.adapter = CloudflareChatAdapter(self.catalogue, Form(in_body, False, v4_body))
        self.started = time.time()

    def endpoint(self, **handlers: Handler) -> Endpoint[Exchange]:
        """Return the endpoint that answers each method with its handler."""
        bound = {method: partial(handler, self) for method, handler in handlers.items()}
        return authenticated(self._gate, self.adapter, Methods(bound, self._check_account))

    def _check_account(self, exchange: Exchange) -> None:
        account = exchange.context.path.get("account")
        if account is not None:
            self.accounts.check(account, exchange.context.key, exchange.scope["path"])

    async def database(self) -> Database:
        """Return the database once everything that was answered is in it."""
        gateways = await self.state.storage.gateways()
        await gateways.settled()
        return gateways.database

    def gateway(self, exchange: Exchange) -> tuple[str, str]:
        """Return account and gateway that a path is about; the binding's paths are about its key's account."""
        path = exchange.context.path
        account = path.get("account")
        if account is None:
            account = self.accounts.default_for(exchange.context.key)
        return account, gateway_of(exchange.context)
