"""WebSocket handshakes at paths without WebSockets, answered as plain requests (RFC 9110 §7.8)."""

from __future__ import annotations

from .exchange import App, Message, Receive, Scope, Send


class WebSocketFallback:
    """Hands a handshake to `app` as an HTTP request, so that it is refused in the form of the API that was meant."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one handshake."""
        await receive()  # websocket.connect

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def told(message: Message) -> None:
            await send({**message, "type": f"websocket.{message['type']}"})

        scheme = "https" if scope["scheme"] == "wss" else "http"
        await self._app({**scope, "type": "http", "method": "GET", "scheme": scheme}, nothing, told)
