"""Messages and their parts."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal[
    "root",
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "user_system",
    "group",
    "sample_message_user",
    "sample_message_ai",
]


class TextPart(msgspec.Struct, frozen=True, tag="text"):
    """A piece of text."""

    text: str


class ImagePart(msgspec.Struct, frozen=True, tag="image"):
    """A picture by address: http(s) or a data URL."""

    url: str
    detail: str | None = None


Part = TextPart | ImagePart


class ToolCall(msgspec.Struct, frozen=True):
    """A call that the assistant made in an earlier turn; `arguments` is JSON text as the client sent it."""

    id: str
    name: str
    arguments: str


class Message(msgspec.Struct, frozen=True):
    """One message of the conversation.

    `content` is text, or parts where the client sent several. `reasoning` is the thought of an assistant's turn, in
    whichever field the client sent it back; a `<think>` block inside `content` is left there for the family.
    """

    role: Role
    content: str | tuple[Part, ...] = ""
    name: str | None = None
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
