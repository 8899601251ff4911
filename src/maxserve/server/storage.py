"""The database and what lives in it, opened when first needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..config import Config

if TYPE_CHECKING:
    from ..gateway.gateways import Gateways
    from ..store.database import Database


class Storage:
    """Opens the database once: a server whose clients use none of it has no file, and starts sooner."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._opening = asyncio.Lock()
        self._database: Database | None = None
        self._gateways: Gateways | None = None

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

    async def close(self) -> None:
        """Finish the writes at work and close the database, if it was opened."""
        if self._database is not None:
            await self._database.close()

    def _open(self) -> Database:
        from ..store.database import open_database
        from .schema import MIGRATIONS, TABLES

        return open_database(self._config.store.url, self._config.data_dir, TABLES, MIGRATIONS)
