"""uvicorn's HTTP protocol, extended to report a disconnected client at once.

ASGI only lets a request ask for that: a second task per request would have to wait in `receive` for an end that seldom
comes (an eighth of what a short request costs). Here the request leaves a function under `GONE` in its scope.
"""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GONE = "maxserve.gone"
"""The key in a request's scope: None, or what is called when the connection ends before the answer does."""


class HttpProtocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools."""

    def on_message_begin(self) -> None:
        """Say in the scope that the end of the connection can be heard (httptools)."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[GONE] = None

    def handle_websocket_upgrade(self) -> None:
        """Let go of the parser, which holds this: it would pile up until the collector comes (uvicorn)."""
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is at work (asyncio)."""
        cycle: Any = self.cycle
        working = cycle is not None and not cycle.response_complete
        super().connection_lost(exc)
        if working and (gone := cycle.scope.get(GONE)) is not None:
            gone()
