"""The door of the Responses API."""

from __future__ import annotations

from typing import ClassVar

from ...chat import Completion, Error, NotFound, Request
from ..adapter import Headers, RequestContext, ResponseContext, StreamWriter
from ..openai_chat import error_body
from .errors import translated
from .read import Fields, read_body
from .response import Response
from .stream import ResponseStream
from .thought import Sealer
from .write import response_body

PATHS = ("/v1/responses", "/openai/v1/responses", "/minimax/v1/responses")


class ResponsesAdapter:
    """OpenAI's Responses, kept nowhere; thinking modes as MiniMax's service has them (docs/wire/minimax.md §8)."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def read(self, body: bytes, context: RequestContext) -> ParsedResponses:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        return ParsedResponses(read_body(body, self._sealer, context.key), self._sealer)

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers: none."""
        return []

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the end of a stream; every stream has a request, whose own door ends it."""
        return b"event: error\ndata: " + self.error(error, context)[1] + b"\n\n"


def stored(id: str) -> NotFound:
    """Return the error for whoever asks for a response by its id."""
    return NotFound(
        f"There is no response '{id}': this server keeps none. Send the whole conversation in 'input' to /v1/responses."
    )


class ParsedResponses(ResponsesAdapter):
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
    def adapter(self) -> ResponsesAdapter:
        """Whose form errors take."""
        return self

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer."""
        fields = self._fields
        result = completion.results[0]
        sealer = self._sealer if fields.sealed else None
        return response_body(result, self._response(reply), reply.context.id, fields.offers, sealer)

    def stream_writer(self, reply: ResponseContext) -> StreamWriter:
        """Return the writer of a streamed answer."""
        fields = self._fields
        sealer = self._sealer if fields.sealed else None
        stream = ResponseStream(self._response(reply), reply.context.id, fields.offers, sealer)
        self._stream = stream
        return stream

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form, with the fields of this API."""
        return error_body(self._told(error))

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun."""
        told = self._told(error)
        assert self._stream is not None  # a stream began
        return self._stream.fail(told, error_body(told)[1])

    def _told(self, error: Error) -> Error:
        return translated(error, self._fields.origins, list(self._fields.offers.values()))

    def _response(self, reply: ResponseContext) -> Response:
        return Response(self._fields.asked, reply.context.id, reply.context.created)
