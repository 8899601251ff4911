"""The WebSocket endpoint of Runware's tasks (docs/wire/runware.md §2)."""

from __future__ import annotations

from ..exchange import Receive, Scope, Send
from ..websocket_protocol import ABORT, OWNER
from .connection import Connection
from .origin import is_foreign
from .task_service import TaskService


class TaskWebSocketEndpoint:
    """Accepts connections: a raw ASGI app, as hundreds of them stand idle and each should cost little."""

    def __init__(self, desk: TaskService) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        await receive()  # websocket.connect
        if not self._desk.state.keys and is_foreign(scope):
            await send({"type": "websocket.close"})  # before it was accepted: status 403
            return
        await send({"type": "websocket.accept"})
        connection = Connection(self._desk, scope, receive, send)
        scope[OWNER] = connection
        try:
            await connection.serve()
        finally:
            scope[OWNER] = scope[ABORT] = None  # they hold each other
