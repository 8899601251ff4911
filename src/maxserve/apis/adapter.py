"""What every dialect is to the server: a door that reads requests and writes answers and errors in its own form.

The server admits, times and streams in one way for all of them; what differs between APIs is behind these protocols.
Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from ..catalogue import Model
from ..chat import Completion, Error, Event, RawRequest, Request

Headers = list[tuple[bytes, bytes]]


class RequestContext(msgspec.Struct, frozen=True):
    """What is known of a request before its body is read.

    `id` is 24 lower-case hex digits, the same as in the `x-request-id` header: each dialect makes its own ids of it, so
    that one finds the other in a log. `created` is in Unix seconds, the start of the request. `path` holds the values
    of the route's variables, `headers` those of the request, names in lower case. `key` is the caller's key id, None on
    an open server; `flavour` what the configuration fixes for that key.
    """

    id: str
    created: int
    path: Mapping[str, str] = {}
    headers: Iterable[tuple[bytes, bytes]] = ()
    key: str | None = None
    flavour: str | None = None

    def header(self, wanted: bytes) -> str | None:
        """Return the value of a header, None where the request has none; `wanted` in lower case."""
        for name, value in self.headers:
            if name == wanted:
                return value.decode("latin-1")
        return None


class ResponseContext(msgspec.Struct, frozen=True):
    """What is known when an answer begins: the request it answers, and who answers it."""

    context: RequestContext
    model: Model
    checkpoint: str


class StreamWriter(Protocol):
    """Writes one streamed answer. The hot path: bytes in, bytes out, a batch at a time."""

    def start(self) -> bytes:
        """Return the first frames; called once, just before the first batch that has something to show is sent."""
        ...

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        ...

    def end(self) -> bytes:
        """Return the last frames of a complete answer."""
        ...


class ParsedRequest(Protocol):
    """A request that was read, and how its answer is written."""

    @property
    def request(self) -> Request | RawRequest:
        """The request in the common language."""
        ...

    @property
    def stream(self) -> bool:
        """Whether the answer is streamed."""
        ...

    @property
    def adapter(self) -> ApiAdapter:
        """Whose form the answer takes: a shared path decides it by what the body asks for."""
        ...

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer."""
        ...

    def stream_writer(self, reply: ResponseContext) -> StreamWriter:
        """Return the writer of a streamed answer."""
        ...


class ApiAdapter(Protocol):
    """One API."""

    @property
    def content_type(self) -> bytes:
        """The type of whole answers and errors."""
        ...

    @property
    def keep_alive(self) -> bytes:
        """The frame that a silent stream gets now and then, so that no proxy cuts it."""
        ...

    def read(self, body: bytes, context: RequestContext) -> ParsedRequest:
        """Read a body; raises `RequestError` and its kin, which name the field."""
        ...

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers, sent with every answer, errors included."""
        ...

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body of an error."""
        ...

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun."""
        ...


class AdapterError(Exception):
    """An error together with the door whose form it takes: raised by doors that share a path."""

    def __init__(self, error: Error, adapter: ApiAdapter) -> None:
        super().__init__(error.message)
        self.error = error
        self.adapter = adapter


class ModelList(Protocol):
    """How one API lists models; `query` holds the values of the address's query by name."""

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the list; raises `InvalidRequest` for a query that makes no sense."""
        ...

    def one(self, name: str) -> bytes:
        """Return one model, by any of its names; raises `UnknownModel` or `NotFound`."""
        ...
