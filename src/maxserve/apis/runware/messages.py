"""Reads the conversation of a textInference (docs/wire/runware.md §3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...chat import Message, ToolCall
from . import wire
from .decode_errors import missing
from .errors import TaskError

_encode = msgspec.json.Encoder().encode


def messages(asked: Sequence[wire.Message], system: str | None) -> tuple[Message, ...]:
    """Return the messages, the system's first; raises `TaskError`."""
    read = [] if system is None else [Message(role="system", content=system)]
    for i, message in enumerate(asked):
        at = f"messages[{i}]"
        _check(message, at)
        read.append(
            Message(
                role=message.role,
                content=message.content or "",
                tool_calls=tuple(
                    ToolCall(call.id, call.name, _encode(call.input or {}).decode()) for call in message.tools or ()
                ),
                tool_call_id=message.id,
            )
        )
    if asked[-1].role == "assistant":
        path = f"messages[{len(asked) - 1}].role"
        raise TaskError(f"'{path}' must be 'user' (or 'tool'): the last message asks.", path)
    return tuple(read)


def _check(message: wire.Message, at: str) -> None:
    if message.tools and message.role != "assistant":
        raise TaskError(f"'{at}.tools' may stand in an assistant's message only.", f"{at}.tools", f"{at}.role")
    if message.id is not None and message.role != "tool":
        raise TaskError(f"'{at}.id' may stand in a tool's message only.", f"{at}.id", f"{at}.role")
    if message.role == "tool":
        if not message.id:
            raise missing(f"{at}.id")
        if message.content is None:
            raise missing(f"{at}.content")
    elif not message.content and not message.tools:
        if message.content is None:
            raise missing(f"{at}.content")
        raise TaskError(f"'{at}.content' must be a string of at least 1 character.", f"{at}.content")
