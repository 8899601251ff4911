"""The WebSocket endpoint of Runware's tasks (docs/wire/runware.md §2)."""

from __future__ import annotations

import time

from ..exchange import Exchange, Receive, Scope, Send
from ..lifecycle import RequestRecord
from ..websocket_protocol import ABORT, OWNER
from .connection import Connection
from .origin import is_foreign_origin
from .task_service import TaskService

SWITCHING_PROTOCOLS = 101
FORBIDDEN = 403


class TaskWebSocketEndpoint:
    """Accepts connections: plain ASGI, as hundreds of them are idle and each should cost little."""

    def __init__(self, tasks: TaskService) -> None:
        self._tasks = tasks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        await receive()  # websocket.connect
        exchange = Exchange(scope, receive, send, self._tasks.adapter)
        if not self._tasks.state.keys and is_foreign_origin(scope):
            await send({"type": "websocket.close"})  # before it is accepted: status 403
            self._observe(exchange, FORBIDDEN)
            return
        await send({"type": "websocket.accept", "headers": [(b"x-request-id", exchange.request_id.encode())]})
        self._observe(exchange, SWITCHING_PROTOCOLS)
        connection = Connection(self._tasks, scope, receive, send, exchange.request_id)
        scope[OWNER] = connection
        try:
            await connection.serve()
        finally:
            scope[OWNER] = scope[ABORT] = None  # they refer to each other

    def _observe(self, exchange: Exchange, status: int) -> None:
        self._tasks.gate.observe(
            RequestRecord(
                method="WEBSOCKET",
                path=exchange.scope["path"],
                status=status,
                duration_s=time.perf_counter() - exchange.started,
                request_id=exchange.request_id,
            )
        )
