"""Runware's tasks over HTTP and WebSocket, and its OpenAI-compatible flavour (docs/wire/runware.md).

Pure translation: `read_array` makes tasks of a body, `items` and `RunwareStream` write what came of them, `error_item`
says what went wrong. Who runs them, keeps them and sends them is the server's matter.
"""

from .account import PERIODS, Spent, account
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
from .chat import RunwareChat
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
    PONG,
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
from .models import RunwareModels
from .read import read_array, read_task, read_text
from .redact import redacted
from .search import found, is_air
from .stream import RunwareStream

__all__ = [
    "AccountDetails", "Asked", "Authentication", "Fault", "GetResponse", "GetTaskDetails", "Limits", "ModelSearch",
    "PERIODS", "PONG", "Ping", "RunwareChat", "RunwareDoor", "RunwareModels", "RunwareStream", "Spent", "TextInference",
    "Wrong", "account", "acknowledgement", "authenticated", "code_of", "conflict", "cost_of", "details", "dry_items",
    "error_item", "found", "frame", "is_air", "items", "missing_key", "pong", "processing", "read_array", "read_task",
    "read_text", "redacted", "status_of", "superset", "task_cancelled", "task_expired", "task_not_found", "with_status",
]  # fmt: skip
