"""The doors of chat completions: OpenAI's own, and what every flavour shares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import msgspec

from ...chat import Error, Gathered, Request
from ..door import Arrival, Frames, Headers, Reply
from . import wire
from .errors import error_body
from .frames import DONE
from .read import ChatFields, chat_fields, decode_chat
from .rules import ChatRules
from .stream import ChatStream
from .whole import chat_body


class ChatAsked(msgspec.Struct, frozen=True):
    """A chat request, read by the rules of its flavour; `split` is decided."""

    request: Request
    stream: bool
    include_usage: bool
    split: bool
    door: ChatDoor

    def whole(self, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a whole answer."""
        return self.door.whole(self, gathered, reply)

    def frames(self, reply: Reply) -> Frames:
        """Return the writer of a streamed answer."""
        return self.door.frames(self, reply)


class ChatDoor(ABC):
    """A flavour of chat completions: one way of reading for all, by each one's rules; writing is the flavour's own."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"
    rules: ChatRules = ChatRules()

    def read(self, body: bytes, arrival: Arrival) -> ChatAsked:
        """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
        return self.take(decode_chat(body), arrival)

    def take(self, asked: wire.ChatRequest, arrival: Arrival) -> ChatAsked:
        """Read a decoded body."""
        rules = self.rules_of(arrival)
        fields: ChatFields = chat_fields(asked, rules, arrival.key)
        split = rules.split if fields.split is None else fields.split
        return ChatAsked(fields.request, fields.stream, fields.include_usage, split, self)

    def rules_of(self, arrival: Arrival) -> ChatRules:
        """Return the rules for a request that came this way."""
        return self.rules

    def headers(self, arrival: Arrival) -> Headers:
        """Return the dialect's own headers."""
        return []

    @abstractmethod
    def whole(self, asked: ChatAsked, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a whole answer."""

    @abstractmethod
    def frames(self, asked: ChatAsked, reply: Reply) -> Frames:
        """Return the writer of a streamed answer."""

    @abstractmethod
    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body of an error."""

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the frames that end a stream which had begun: SDKs raise on a `data:` object that has `error`."""
        return b"data: " + self.error(error, arrival)[1] + b"\n\n" + DONE


class OpenAIChat(ChatDoor):
    """OpenAI's chat completions, with MiniMax's widest ranges where they differ (docs/wire/minimax.md §4.1, O3).

    Thoughts come in `reasoning_content` and `reasoning_details` unless the request says `reasoning_split: false`: an
    OpenAI client knows no `<think>`.
    """

    def whole(self, asked: ChatAsked, gathered: Gathered, reply: Reply) -> bytes:
        """Return the body of a `chat.completion`."""
        return chat_body(
            gathered,
            id=f"chatcmpl-{reply.arrival.id}",
            created=reply.arrival.created,
            model=asked.request.model,
            family=reply.model.family,
            split=asked.split,
        )

    def frames(self, asked: ChatAsked, reply: Reply) -> Frames:
        """Return the writer of `chat.completion.chunk` frames."""
        return ChatStream(
            id=f"chatcmpl-{reply.arrival.id}",
            created=reply.arrival.created,
            model=asked.request.model,
            checkpoint=reply.checkpoint,
            family=reply.model.family,
            n=asked.request.n,
            include_usage=asked.include_usage,
            split=asked.split,
        )

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body in OpenAI's form."""
        return error_body(error)
