"""Reads tools and which of them must be called (docs/wire/runware.md §3.2)."""

from __future__ import annotations

import re

from ...chat import Tool, ToolChoice
from ..openai_chat.rules import TOOL_NAME
from . import wire
from .decode_errors import missing
from .errors import TaskError

_name = re.compile(TOOL_NAME).fullmatch


def tools(asked: wire.TextTask, settings: wire.Settings) -> tuple[tuple[Tool, ...], ToolChoice]:
    """Return both; those in `settings` are the older place, and only count where the task itself has none."""
    older = asked.tools is None and settings.tools is not None
    at, listed = ("settings.tools", settings.tools) if older else ("tools", asked.tools)
    found: dict[str, Tool] = {}
    for i, tool in enumerate(listed or ()):
        path = f"{at}[{i}].name"
        if not _name(tool.name):
            raise TaskError(f"'{path}' must have 1 to 128 letters, digits or _ . : / - characters.", path)
        if tool.name in found:
            raise TaskError(f"Two tools are called '{tool.name}'.", path)
        found[tool.name] = Tool(tool.name, tool.description, tool.schema or {})
    where = "toolChoice" if asked.tool_choice is not None else "settings.toolChoice"
    choice = asked.tool_choice if asked.tool_choice is not None else settings.tool_choice
    return tuple(found.values()), _choice(choice, where, at, found)


def _choice(choice: wire.Choice | None, where: str, at: str, tools: dict[str, Tool]) -> ToolChoice:
    if choice is None:
        return ToolChoice("auto" if tools else "none")
    if choice.type in ("any", "tool") and not tools:
        raise TaskError(f"'{where}.type' '{choice.type}' needs '{at}'.", where, at)
    match choice.type:
        case "any":
            return ToolChoice("required")
        case "tool":
            if not choice.name:
                raise missing(f"{where}.name")
            if choice.name not in tools:
                raise TaskError(f"'{where}.name' is '{choice.name}', which is not among the tools.",
                    f"{where}.name", at, allowed=list(tools),
                )  # fmt: skip
            return ToolChoice("named", choice.name)
        case "auto":
            return ToolChoice("auto" if tools else "none")
        case _:
            return ToolChoice("none")
