"""The database and its users, opened when first needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..config import Config, is_loopback
from ..store import StoreError
from ..store.default_path import default_file
from ..tasks import Task, TaskHandler

if TYPE_CHECKING:
    from ..gateway.gateways import Gateways
    from ..store.database import Database
    from ..tasks.worker import Worker
    from ..webhooks.sender import WebhookSender
    from ..webhooks.url_guard import UrlGuard

log = logging.getLogger("maxserve.server")


def preload() -> None:
    """Import what the database needs, which takes some hundred milliseconds; to be called off the event loop."""
    from ..gateway import gateways
    from ..store import open as opening
    from ..tasks import worker
    from ..webhooks import sender, url_guard
    from . import migrations

    _ = gateways, opening, worker, sender, url_guard, migrations


class Storage:
    """The database and its users, opened when first needed. A server that uses none of it creates no file.

    The modules behind it are imported by `preload`; a first import inside a request would stall all others.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._opening = asyncio.Lock()
        self._database: Database | None = None
        self._gateways: Gateways | None = None
        self._handlers: Mapping[str, TaskHandler] = {}
        self._authorize: Callable[[str], None] | None = None
        self._worker: Worker | None = None
        self._sender: WebhookSender | None = None

    async def gateways(self) -> Gateways:
        """Return all gateways; raises `StoreError` where the database cannot be used."""
        if self._gateways is None:
            from ..gateway.gateways import Gateways

            database = await self.database()
            settings = self._config.gateways
            self._gateways = Gateways(database, settings, room=self._config.cloudflare.cache_bytes)
        return self._gateways

    async def database(self) -> Database:
        """Return the database; raises `StoreError` where it cannot be used."""
        async with self._opening:
            if self._database is None:
                self._database = await asyncio.to_thread(self._open)
            return self._database

    @cached_property
    def guard(self) -> UrlGuard:
        """Where webhooks may be sent: to this machine itself only where nobody else can ask for that."""
        from ..webhooks.url_guard import UrlGuard

        authorize = self._config.webhooks.private
        if authorize is None and is_loopback(self._config.server.host):
            authorize = ("loopback",)
        return UrlGuard(authorize or ())

    def register(self, handlers: Mapping[str, TaskHandler], authorize: Callable[[str], None]) -> None:
        """Say who does tasks, by their kind; `authorize` raises `Error` for an owner whose tasks are not done any more.

        To be called before `work`.
        """
        self._handlers, self._authorize = handlers, authorize

    async def worker(self) -> Worker:
        """Return what keeps tasks and does them; raises `StoreError` where the database cannot be used."""
        if self._worker is None:
            from ..tasks.worker import Worker
            from ..webhooks.sender import WebhookSender

            database = await self.database()
            if self._worker is None:  # nobody else was faster
                tasks, webhooks = self._config.tasks, self._config.webhooks
                # Whoever waits less for a lost task wants to wait less for its webhook.
                lease_s = webhooks.timeout_s + tasks.lease_s / 2
                sender = self._sender = WebhookSender(
                    database,
                    webhooks,
                    guard=self.guard,
                    signer=self._config.webhook_signer(),
                    poll_s=tasks.poll_s,
                    lease_s=lease_s,
                )
                self._worker = Worker(
                    database, tasks, self._handlers, authorize=self._authorize, on_deliveries=sender.wake
                )
                sender.start()
                self._worker.start()
        return self._worker

    async def public_payload(self, task: Task) -> bytes | None:
        """Return what a task asked, masked where its answer is; None once that is thrown away."""
        handler = self._handlers.get(task.kind)
        return await handler.public_payload(task) if handler is not None and task.payload else task.payload or None

    async def sender(self) -> WebhookSender:
        """Return what sends webhooks; raises `StoreError` where the database cannot be used."""
        await self.worker()
        assert self._sender is not None  # it begins together with the work
        return self._sender

    async def resume(self) -> None:
        """Go on with what an earlier process accepted, once the database can be used; at once where it has none."""
        if self._config.store.url is None and not default_file(self._config.data_dir).exists():
            return
        pause, told = 1.0, ""
        while True:
            try:
                await self.worker()
                return
            except StoreError as error:
                if str(error) != told:
                    log.error("database unavailable, accepted tasks wait: %s", error)
                    told = str(error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 30.0)

    async def drain(self, seconds: float) -> None:
        """Begin no task any more, and give what is not done after `seconds` back to the queue."""
        if self._worker is not None:
            await self._worker.close(seconds)
        if self._sender is not None:
            await self._sender.close()

    async def close(self) -> None:
        """Finish the writes at work and close the database, if it was opened."""
        await self.drain(0)
        if self._database is not None:
            await self._database.close()

    def _open(self) -> Database:
        from ..store.open import open_database
        from .migrations import MIGRATIONS, TABLES

        return open_database(self._config.store.url, self._config.data_dir, TABLES, MIGRATIONS)
