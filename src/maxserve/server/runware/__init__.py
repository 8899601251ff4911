"""Runware's tasks, over HTTP and WebSocket."""

from .endpoints import PATHS, task_endpoints

__all__ = ["PATHS", "task_endpoints"]
