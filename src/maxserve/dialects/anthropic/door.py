"""The door of the Messages API."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ...chat import Error, Gathered, Request
from ..door import Arrival, Headers, Reply
from .errors import error_body, error_event, id_headers
from .read import messages_fields
from .signature import Signer
from .stream import PING, MessageStream
from .whole import message_body


class MessagesAsked(msgspec.Struct, frozen=True):
    """A Messages request that was read; `shown` says whether thoughts are shown, or only signed."""

    request: Request
    stream: bool
    shown: bool
    signer: Signer
    door: Messages

    def whole(self, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a whole answer."""
        return message_body(gathered, id=_id(reply), model=self.request.model, signer=self.signer, shown=self.shown)

    def frames(self, reply: Reply) -> MessageStream:
        """Return the writer of a streamed answer."""
        return MessageStream(id=_id(reply), model=self.request.model, signer=self.signer, shown=self.shown)


class Messages:
    """Anthropic's Messages, as MiniMax serves them (docs/wire/minimax.md §7). `secret` signs thoughts.

    Ids are `msg_` and 24 hex digits: Anthropic's prefix, which clients tell messages by, where MiniMax has bare 32.
    """

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = PING

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret)

    def read(self, body: bytes, arrival: Arrival) -> MessagesAsked:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        fields = messages_fields(body, self._signer, arrival.key)
        return MessagesAsked(fields.request, fields.stream, fields.shown, self._signer, self)

    def headers(self, arrival: Arrival) -> Headers:
        """Return the request's id under Anthropic's name."""
        return id_headers(arrival)

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body of an error."""
        return error_body(error, arrival)

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the frame that ends a stream which had begun."""
        return error_event(error, arrival)


def count_body(tokens: int) -> bytes:
    """Return the answer to `count_tokens`."""
    return b'{"input_tokens":' + str(tokens).encode() + b"}"


def _id(reply: Reply) -> str:
    return f"msg_{reply.arrival.id}"
