"""Runware's tasks over HTTP and WebSocket, and its OpenAI-compatible flavour (docs/wire/runware.md).

Pure translation: `read_array` makes tasks of a body, `items` and `RunwareStream` write what came of them, `error_item`
says what went wrong. Who runs them, keeps them and sends them is the server's matter.
"""

from .account import PERIODS, Spent, account
from .adapter import ParsedTask, RunwareErrorAdapter
from .chat import RunwareChatAdapter
from .errors import (
    TaskError,
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
from .tasks import (
    AccountDetails,
    Authentication,
    GetResponse,
    GetTaskDetails,
    InvalidTask,
    ModelSearch,
    Ping,
    TaskLimits,
    TaskRequest,
    TextInference,
)

__all__ = [
    "account", "AccountDetails", "acknowledgement", "authenticated", "Authentication", "code_of", "conflict", "cost_of",
    "details", "dry_items", "error_item", "found", "frame", "GetResponse", "GetTaskDetails", "InvalidTask", "is_air",
    "items", "missing_key", "ModelSearch", "ParsedTask", "PERIODS", "Ping", "pong", "PONG", "processing", "read_array",
    "read_task", "read_text", "redacted", "RunwareChatAdapter", "RunwareErrorAdapter", "RunwareModels", "RunwareStream",
    "Spent", "status_of", "superset", "task_cancelled", "task_expired", "task_not_found", "TaskError", "TaskLimits",
    "TaskRequest", "TextInference", "with_status",
]  # fmt: skip
