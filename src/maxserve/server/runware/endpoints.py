"""The endpoints of Runware's tasks."""

from __future__ import annotations

from typing import NamedTuple

from ...access import Keys
from ...chat import Forbidden
from ..lifecycle import Gate
from ..state import State
from .rest import TaskHttpEndpoint
from .socket import TaskWebSocketEndpoint
from .task_handler import KIND, RunwareTaskHandler
from .task_service import TaskService

PATHS = ("/v1", "/", "/runware/v1", "/runware")
"""Where tasks are sent, by POST and by WebSocket; the first Python SDK streams to `/` (docs/wire/runware.md §11,
§13).
"""


class Endpoints(NamedTuple):
    """One endpoint per transport."""

    rest: TaskHttpEndpoint
    socket: TaskWebSocketEndpoint


def task_endpoints(state: State, gate: Gate) -> Endpoints:
    """Return the endpoints; registers the handler of their tasks."""
    tasks = TaskService(state, gate, register_task_handler(state))
    return Endpoints(TaskHttpEndpoint(tasks), TaskWebSocketEndpoint(tasks))


def register_task_handler(state: State) -> RunwareTaskHandler:
    """Register how the worker does Runware's tasks, and return the handler."""
    handler = RunwareTaskHandler(state.service, state.config)
    state.storage.register({KIND: handler}, _KeyCheck(state.keys))
    return handler


class _KeyCheck:
    """Refuses the tasks of a key that the server no longer accepts."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, owner: str) -> None:
        if owner and not self._keys.accepts(owner):
            raise Forbidden("The API key that asked for this does not open this server any more.")
