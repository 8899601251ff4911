"""The doors of chat completions: OpenAI's own, and what every flavour shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import msgspec

from ...chat import Completion, Error, Request
from ..adapter import Headers, RequestContext, ResponseContext, StreamWriter
from . import wire
from .errors import error_body
from .frames import DONE
from .read import ChatFields, chat_fields, decode_chat
from .response import chat_body
from .rules import ChatRules
from .stream import ChatStream


class ParsedChat(msgspec.Struct, frozen=True):
    """A chat request, read by the rules of its flavour; `split` is decided."""

    request: Request
    stream: bool
    include_usage: bool
    split: bool
    adapter: ChatAdapter

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer."""
        return self.adapter.write_json(self, completion, reply)

    def stream_writer(self, reply: ResponseContext) -> StreamWriter:
        """Return the writer of a streamed answer."""
        return self.adapter.stream_writer(self, reply)


class ChatAdapter(ABC):
    """A flavour of chat completions: one way of reading for all, by each one's rules; writing is the flavour's own."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"
    rules: ChatRules = ChatRules()

    def read(self, body: bytes, context: RequestContext) -> ParsedChat:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        return self.take(decode_chat(body), context)

    def take(self, asked: wire.ChatRequest, context: RequestContext) -> ParsedChat:
        """Read a decoded body."""
        rules = self.rules_of(context)
        fields: ChatFields = chat_fields(asked, rules, context.key)
        split = rules.split if fields.split is None else fields.split
        return ParsedChat(fields.request, fields.stream, fields.include_usage, split, self)

    def rules_of(self, context: RequestContext) -> ChatRules:
        """Return the rules for a request that came this way."""
        return self.rules

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers."""
        return []

    @abstractmethod
    def write_json(self, asked: ParsedChat, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer."""

    @abstractmethod
    def stream_writer(self, asked: ParsedChat, reply: ResponseContext) -> StreamWriter:
        """Return the writer of a streamed answer."""

    @abstractmethod
    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body of an error."""

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun: SDKs raise on a `data:` object that has `error`."""
        return b"data: " + self.error(error, context)[1] + b"\n\n" + DONE


class OpenAIChatAdapter(ChatAdapter):
    """OpenAI's chat completions, with MiniMax's widest ranges where they differ (docs/wire/minimax.md §4.1, O3).

    Thoughts come in `reasoning_content` and `reasoning_details` unless the request says `reasoning_split: false`: an
    OpenAI client knows no `<think>`.
    """

    def write_json(self, asked: ParsedChat, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a `chat.completion`."""
        return chat_body(
            completion,
            id=f"chatcmpl-{reply.context.id}",
            created=reply.context.created,
            model=asked.request.model,
            family=reply.model.family,
            split=asked.split,
        )

    def stream_writer(self, asked: ParsedChat, reply: ResponseContext) -> StreamWriter:
        """Return the writer of `chat.completion.chunk` frames."""
        return ChatStream(
            id=f"chatcmpl-{reply.context.id}",
            created=reply.context.created,
            model=asked.request.model,
            checkpoint=reply.checkpoint,
            family=reply.model.family,
            n=asked.request.n,
            include_usage=asked.include_usage,
            split=asked.split,
        )

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)
