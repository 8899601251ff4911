"""The door of the Responses API."""

from __future__ import annotations

from typing import ClassVar

from ...chat import Error, Gathered, NotFound, Request
from ..door import Arrival, Frames, Headers, Reply
from ..openai import error_body
from .errors import translated
from .read import Fields, read_body
from .response import Response
from .stream import ResponseStream
from .thought import Sealer
from .whole import response_body

PATHS = ("/v1/responses", "/openai/v1/responses", "/minimax/v1/responses")


class ResponsesDoor:
    """OpenAI's Responses, kept nowhere; thinking modes as MiniMax's service has them (docs/wire/minimax.md §8)."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def read(self, body: bytes, arrival: Arrival) -> ResponsesAsked:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        return ResponsesAsked(read_body(body, self._sealer, arrival.key), self._sealer)

    def headers(self, arrival: Arrival) -> Headers:
        """Return the dialect's own headers: none."""
        return []

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the end of a stream; every stream has a request, whose own door ends it."""
        return b"event: error\ndata: " + self.error(error, arrival)[1] + b"\n\n"


def stored(id: str) -> NotFound:
    """Return the error for whoever asks for a response by its id."""
    return NotFound(
        f"There is no response '{id}': this server keeps none. Send the whole conversation in 'input' to /v1/responses."
    )


class ResponsesAsked(ResponsesDoor):
    """A Responses request that was read.

    It is its own door: its errors name the fields as this request has them, and one in mid-stream repeats the output.
    """

    def __init__(self, fields: Fields, sealer: Sealer) -> None:
        super().__init__(sealer)
        self._fields = fields
        self._stream: ResponseStream | None = None

    @property
    def request(self) -> Request:
        """The request in the common language."""
        return self._fields.request

    @property
    def stream(self) -> bool:
        """Whether the answer is streamed."""
        return bool(self._fields.asked.stream)

    @property
    def door(self) -> ResponsesDoor:
        """Whose form errors take."""
        return self

    def whole(self, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a whole answer."""
        fields = self._fields
        result = gathered.results[0]
        sealer = self._sealer if fields.sealed else None
        return response_body(result, self._response(reply), reply.arrival.id, fields.offers, sealer)

    def frames(self, reply: Reply) -> Frames:
        """Return the writer of a streamed answer."""
        fields = self._fields
        sealer = self._sealer if fields.sealed else None
        stream = ResponseStream(self._response(reply), reply.arrival.id, fields.offers, sealer)
        self._stream = stream
        return stream

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form, with the fields of this API."""
        return error_body(self._told(error))

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the frames that end a stream which had begun."""
        told = self._told(error)
        assert self._stream is not None  # a stream began
        return self._stream.fail(told, error_body(told)[1])

    def _told(self, error: Error) -> Error:
        return translated(error, self._fields.origins, list(self._fields.offers.values()))

    def _response(self, reply: Reply) -> Response:
        return Response(self._fields.asked, reply.arrival.id, reply.arrival.created)
