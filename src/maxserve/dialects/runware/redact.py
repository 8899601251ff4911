"""Masks the texts of a task that is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

_TEXTS = ("messages", "systemPrompt")


def redacted(raw: bytes, mask: Callable[[str], str]) -> bytes:
    """Return a textInference with what it says masked: messages, calls of tools and the system's text.

    All else is as it was sent: names, numbers, tools and schemas tell of the application, not of people. A webhook's
    address keeps its secrets, for it must be called.
    """
    task: dict[str, Any] = msgspec.json.decode(raw)
    for name in _TEXTS:
        if name in task:
            task[name] = _masked(task[name], mask)
    settings = task.get("settings")
    if isinstance(settings, dict) and isinstance(settings.get("systemPrompt"), str):
        settings["systemPrompt"] = mask(settings["systemPrompt"])
    return msgspec.json.encode(task)


def _masked(value: Any, mask: Callable[[str], str], name: str = "") -> Any:
    match value:
        case str():
            return value if name in ("role", "id", "name") else mask(value)
        case list():
            return [_masked(each, mask) for each in value]
        case dict():
            return {key: _masked(each, mask, key) for key, each in value.items()}
        case _:
            return value
