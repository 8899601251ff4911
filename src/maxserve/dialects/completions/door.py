"""The door of completions."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ...chat import Error, Gathered, RawRequest
from ..door import Arrival, Headers, Reply
from ..openai import error_body
from ..openai.frames import DONE
from .read import read_completion
from .stream import CompletionStream
from .whole import completion_body


class CompletionAsked(msgspec.Struct, frozen=True):
    """A request to continue text, and how the continuation is written."""

    request: RawRequest
    stream: bool
    include_usage: bool
    door: Completions

    def whole(self, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a `text_completion`."""
        return completion_body(
            gathered,
            id=f"cmpl-{reply.arrival.id}",
            created=reply.arrival.created,
            model=self.request.model,
            logprobs=self.request.logprobs is not None,
        )

    def frames(self, reply: Reply) -> CompletionStream:
        """Return the writer of a stream of them."""
        return CompletionStream(
            id=f"cmpl-{reply.arrival.id}",
            created=reply.arrival.created,
            model=self.request.model,
            checkpoint=reply.checkpoint,
            results=self.request.results,
            n=self.request.n,
            include_usage=self.include_usage,
        )


class Completions:
    """OpenAI's completions; errors as its chat completions have them."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def read(self, body: bytes, arrival: Arrival) -> CompletionAsked:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        fields = read_completion(body, arrival.key)
        return CompletionAsked(fields.request, fields.stream, fields.include_usage, self)

    def headers(self, arrival: Arrival) -> Headers:
        """Return none: this API has no headers of its own."""
        return []

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the frames that end a stream which had begun: SDKs raise on a `data:` object that has `error`."""
        return b"data: " + error_body(error)[1] + b"\n\n" + DONE
