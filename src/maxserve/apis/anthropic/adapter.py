"""The door of the Messages API."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ...chat import Completion, Error, Request
from ..adapter import Headers, RequestContext, ResponseContext
from .errors import error_body, error_event, id_headers
from .read import messages_fields
from .response import message_body
from .signature import Signer
from .stream import PING, MessageStream


class ParsedMessages(msgspec.Struct, frozen=True):
    """A Messages request that was read; `shown` says whether thoughts are shown, or only signed."""

    request: Request
    stream: bool
    shown: bool
    signer: Signer
    adapter: MessagesAdapter

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer."""
        return message_body(completion, id=_id(reply), model=self.request.model, signer=self.signer, shown=self.shown)

    def stream_writer(self, reply: ResponseContext) -> MessageStream:
        """Return the writer of a streamed answer."""
        return MessageStream(id=_id(reply), model=self.request.model, signer=self.signer, shown=self.shown)


class MessagesAdapter:
    """Anthropic's Messages, as MiniMax serves them (docs/wire/minimax.md §7). `secret` signs thoughts.

    Ids are `msg_` and 24 hex digits: Anthropic's prefix, which clients tell messages by, where MiniMax has bare 32.
    """

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = PING

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret)

    def read(self, body: bytes, context: RequestContext) -> ParsedMessages:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        fields = messages_fields(body, self._signer, context.key)
        return ParsedMessages(fields.request, fields.stream, fields.shown, self._signer, self)

    def headers(self, context: RequestContext) -> Headers:
        """Return the request's id under Anthropic's name."""
        return id_headers(context)

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body of an error."""
        return error_body(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frame that ends a stream which had begun."""
        return error_event(error, context)


def count_body(tokens: int) -> bytes:
    """Return the answer to `count_tokens`."""
    return b'{"input_tokens":' + str(tokens).encode() + b"}"


def _id(reply: ResponseContext) -> str:
    return f"msg_{reply.context.id}"
