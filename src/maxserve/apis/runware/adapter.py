"""Runware's native form of errors and streams, for the machinery that all APIs share (docs/wire/runware.md §5.4,
§6).
"""

from __future__ import annotations

from typing import ClassVar, NoReturn

from ...chat import Completion, Error, Unsupported
from ..adapter import ApiAdapter, Headers, RequestContext, ResponseContext, StreamWriter
from ..openai_chat.frames import DONE
from .errors import status_of, superset
from .item import frame, items
from .stream import RunwareStream
from .tasks import TextInference


class RunwareErrorAdapter:
    """The form of errors: of one task where it is known, else of the request.

    The native paths take arrays of tasks, which are read by `read_array`; nothing is read here.
    """

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, task_type: str | None = None, uuid: str | None = None) -> None:
        self._task_type = task_type
        self._uuid = uuid

    def read(self, body: bytes, context: RequestContext) -> NoReturn:
        """Refuse: an array may hold many tasks, a door reads one request."""
        raise Unsupported("Send an array of tasks.")

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers: it has none."""
        return []

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body."""
        return status_of(error), superset(error, self._task_type, self._uuid, flat=True)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun."""
        return b"data: " + superset(error, self._task_type, self._uuid) + b"\n\n" + DONE


class ParsedTask:
    """A text task as a parsed request: how its response is written."""

    stream = True

    def __init__(self, task: TextInference) -> None:
        self.task = task
        self.request = task.request
        self.adapter: ApiAdapter = RunwareErrorAdapter("textInference", task.uuid)

    def write_json(self, completion: Completion, context: ResponseContext) -> bytes:
        """Return the body of a whole response: all items in one frame."""
        return frame(items(self.task, completion))

    def stream_writer(self, context: ResponseContext) -> StreamWriter:
        """Return the writer of the response as server-sent events."""
        return RunwareStream(self.task)
