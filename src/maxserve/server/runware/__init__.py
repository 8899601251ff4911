"""Runware's tasks, over HTTP and WebSocket."""

from .endpoints import PATHS, register_task_handler, task_endpoints

__all__ = ["PATHS", "register_task_handler", "task_endpoints"]
