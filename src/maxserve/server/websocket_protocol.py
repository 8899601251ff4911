"""uvicorn's WebSocket protocol, extended to finish running work before the server stops.

uvicorn closes every WebSocket as soon as the server is told to stop. Here an endpoint leaves its connection under
`OWNER` in the scope, and one that is at work has the last word.
"""

from __future__ import annotations

from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

RESTART = 1012
"""The close code of a server that stops and may come back (RFC 6455, IANA's registry)."""

OWNER = "maxserve.owner"
"""The key in a connection's scope: None, or the `Owner`."""

ABORT = "maxserve.abort"
"""The key in a connection's scope: ends the connection at once, whatever was to be sent still."""


class Owner(Protocol):
    """What answers on a connection."""

    @property
    def busy(self) -> bool:
        """Whether answers are still owed."""
        ...

    def stop(self) -> None:
        """Take no more work; close the connection with `RESTART` once nothing is owed."""
        ...


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """WebSockets by the sans-I/O part of `websockets`."""

    def handle_connect(self, event: Request) -> None:
        """Say in the scope that its end can be put off (uvicorn)."""
        super().handle_connect(event)
        if (scope := self._scope()) is not None:
            scope[OWNER] = None
            scope[ABORT] = self.transport.abort

    @property
    def busy(self) -> bool:
        """Whether answers are still owed."""
        owner = self._owner()
        return owner is not None and owner.busy

    def connection_lost(self, exc: Exception | None) -> None:
        """End the parser, a generator that holds itself: sessions would pile up until the collector comes (asyncio)."""
        super().connection_lost(exc)
        self.conn.parser.close()

    def shutdown(self) -> None:
        """Close the connection, at once if nothing is at work on it (uvicorn)."""
        owner = self._owner()
        if owner is not None and owner.busy:
            owner.stop()
        else:
            super().shutdown()

    def _owner(self) -> Owner | None:
        scope = self._scope()
        return None if scope is None else scope[OWNER]

    def _scope(self) -> dict[str, Any] | None:
        return getattr(self, "scope", None)  # there is none before the handshake, or where it was refused
