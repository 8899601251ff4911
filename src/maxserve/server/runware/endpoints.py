"""The endpoints of Runware's tasks, and who does them."""

from __future__ import annotations

from typing import NamedTuple

from ...access import Keys
from ...chat import Forbidden
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
    """One for each way that tasks come."""

    rest: TaskHttpEndpoint
    socket: TaskWebSocketEndpoint


def task_endpoints(state: State) -> Endpoints:
    """Return the endpoints, and let the server's durable work know how these tasks are done."""
    runner = RunwareTaskHandler(state.service, state.config)
    state.storage.employ({KIND: runner}, _Allowed(state.keys))
    desk = TaskService(state, runner)
    return Endpoints(TaskHttpEndpoint(desk), TaskWebSocketEndpoint(desk))


class _Allowed:
    """Whether an owner's tasks are done still: not once its key was taken away."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, owner: str) -> None:
        if owner and not self._keys.accepts(owner):
            raise Forbidden("The API key that asked for this does not open this server any more.")
