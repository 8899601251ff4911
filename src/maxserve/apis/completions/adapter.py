"""The door of completions."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ...chat import Completion, Error, RawRequest
from ..adapter import Headers, RequestContext, ResponseContext
from ..openai_chat import error_body
from ..openai_chat.frames import DONE
from .read import read_completion
from .response import completion_body
from .stream import CompletionStream


class ParsedCompletion(msgspec.Struct, frozen=True):
    """A request to continue text, and how the continuation is written."""

    request: RawRequest
    stream: bool
    include_usage: bool
    adapter: CompletionsAdapter

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a `text_completion`."""
        return completion_body(
            completion,
            id=f"cmpl-{reply.context.id}",
            created=reply.context.created,
            model=self.request.model,
            logprobs=self.request.logprobs is not None,
        )

    def stream_writer(self, reply: ResponseContext) -> CompletionStream:
        """Return the writer of a stream of them."""
        return CompletionStream(
            id=f"cmpl-{reply.context.id}",
            created=reply.context.created,
            model=self.request.model,
            checkpoint=reply.checkpoint,
            results=self.request.results,
            n=self.request.n,
            include_usage=self.include_usage,
        )


class CompletionsAdapter:
    """OpenAI's completions; errors as its chat completions have them."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def read(self, body: bytes, context: RequestContext) -> ParsedCompletion:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        fields = read_completion(body, context.key)
        return ParsedCompletion(fields.request, fields.stream, fields.include_usage, self)

    def headers(self, context: RequestContext) -> Headers:
        """Return none: this API has no headers of its own."""
        return []

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun: SDKs raise on a `data:` object that has `error`."""
        return b"data: " + error_body(error)[1] + b"\n\n" + DONE
