"""Runware's tasks over HTTP and WebSocket, and its OpenAI-compatible flavour (specs/runware.md).

Pure translation: `read_array` makes tasks of a body, `items` and `RunwareStream` write what came of them, `error_item`
says what went wrong. Who runs them, keeps them and sends them is the server's matter.
"""

from .asked import (
    AccountDetails,
    Asked,
    Authentication,
    Fault,
    GetResponse,
    GetTaskDetails,
    Limits,
    ModelSearch,
    Ping,
    TextInference,
)
from .door import RunwareDoor
from .errors import (
    Wrong,
    code_of,
    conflict,
    error_item,
    missing_key,
    status_of,
    superset,
    task_cancelled,
    task_expired,
    task_not_found,
)
from .item import (
    acknowledgement,
    authenticated,
    cost_of,
    details,
    dry_items,
    frame,
    items,
    pong,
    processing,
    with_status,
)
from .read import read_array, read_task, read_text
from .stream import RunwareStream

__all__ = [
    "AccountDetails", "Asked", "Authentication", "Fault", "GetResponse", "GetTaskDetails", "Limits", "ModelSearch",
    "Ping", "RunwareDoor", "RunwareStream", "TextInference", "Wrong", "acknowledgement", "authenticated", "code_of",
    "conflict", "cost_of", "details", "dry_items", "error_item", "frame", "items", "missing_key", "pong", "processing",
    "read_array", "read_task", "read_text", "status_of", "superset", "task_cancelled", "task_expired", "task_not_found",
    "with_status",
]  # fmt: skip
