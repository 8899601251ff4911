"""Builds requests in the common language."""

from __future__ import annotations

import json
from typing import Any

from maxserve.chat import Message, Request, Role, ToolCall

__all__ = ["ask", "call", "called", "result", "say"]


def ask(*messages: Message, **rest: Any) -> Request:
    return Request(model="any", messages=messages, **rest)


def say(role: Role, content: Any = "", **rest: Any) -> Message:
    return Message(role, content, **rest)


def call(name: str, arguments: Any, identity: str = "c1") -> ToolCall:
    return ToolCall(identity, name, arguments if isinstance(arguments, str) else json.dumps(arguments))


def called(*calls: ToolCall, content: str = "", reasoning: str = "") -> Message:
    return Message("assistant", content, reasoning=reasoning, tool_calls=calls)


def result(content: str, identity: str | None = "c1") -> Message:
    return Message("tool", content, tool_call_id=identity)
