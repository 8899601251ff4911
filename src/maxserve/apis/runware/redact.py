"""Masks the texts of a task that is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


def redacted(raw: bytes, mask: Callable[[str], str]) -> bytes:
    """Return a textInference with what it says masked: messages, calls of tools and the system's text.

    It has been read without a fault before. All else is as it was sent: names, numbers, tools and schemas tell of the
    application, not of people. A webhook's address keeps its secrets, for it must be called.
    """
    task: dict[str, Any] = msgspec.json.decode(raw)
    for message in task["messages"]:
        _mask(message, "content", mask)
        for call in message.get("tools") or ():
            _mask(call, "input", mask)
    for holder in (task, task.get("settings")):
        _mask(holder, "systemPrompt", mask)
    return msgspec.json.encode(task)


def _mask(holder: dict[str, Any] | None, name: str, mask: Callable[[str], str]) -> None:
    if holder is not None and name in holder:
        holder[name] = _masked(holder[name], mask)


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    match value:
        case str():
            return mask(value)
        case list():
            return [_masked(each, mask) for each in value]
        case dict():
            return {key: _masked(each, mask) for key, each in value.items()}
        case _:
            return value
