"""The ASGI app and the process around it: routes, streams, limits, health."""

from .app import create_app
from .run import create_state, run
from .state import State

__all__ = ["State", "create_app", "create_state", "run"]
