"""Reads which tools a request offers, and which of them the model must, may or must not call.

Functions are offered as they are; custom tools as functions of one string (see `custom`); the functions of a namespace
under its name and theirs, joined by a dot. Hosted tools (web_search, file_search, code_interpreter, mcp, local_shell,
…) are passed over: coding agents send them with every request and do without them where they are not called.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from ...chat import InvalidRequest, Tool, ToolChoice, Unsupported
from ..validation import invalid, required
from . import custom, wire

_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
_Struct = TypeVar("_Struct")


class Offer(msgspec.Struct, frozen=True):
    """A tool as the client knows it: its own name, its namespace, whether it takes free text, where it stood."""

    name: str
    path: str
    namespace: str | None = None
    custom: bool = False


class Tools(msgspec.Struct, frozen=True):
    """The tools of a request: `offers[i]` is what the client calls `tools[i]`."""

    tools: tuple[Tool, ...]
    offers: tuple[Offer, ...]
    choice: ToolChoice


def as_(kind: type[_Struct], value: Any, at: str) -> _Struct:
    """Convert a decoded value that stood at the path `at`; raises `InvalidRequest`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid(error, at) from None


def shown(name: str, namespace: str | None) -> str:
    """Return the name under which the model knows a tool."""
    return f"{namespace}.{name}" if namespace and namespace != name else name


def read_tools(asked: wire.ResponsesRequest) -> Tools:
    """Read tools and choice; raises `InvalidRequest` and `Unsupported`, which name the field."""
    found: dict[str, tuple[Tool, Offer]] = {}
    for i, tool in enumerate(asked.tools or ()):
        _add(tool, f"tools[{i}]", None, found)
    choice, allowed = _choice(asked.tool_choice, found)
    chosen = found if allowed is None else {name: found[name] for name in allowed}
    return Tools(tuple(t for t, _ in chosen.values()), tuple(o for _, o in chosen.values()), choice)


def _add(tool: dict[str, Any], at: str, namespace: str | None, found: dict[str, tuple[Tool, Offer]]) -> None:
    kind = tool.get("type")
    if not isinstance(kind, str):
        raise required(f"{at}.type")
    if kind == "function":
        function = as_(wire.FunctionTool, tool, at)
        name = _named(function.name, namespace, at, found)
        offered = Tool(name, function.description, function.parameters or {}, bool(function.strict))
        found[name] = offered, Offer(function.name, at, namespace)
    elif kind == "custom":
        free = as_(wire.CustomTool, tool, at)
        name = _named(free.name, namespace, at, found)
        offered = Tool(name, custom.description(free), custom.PARAMETERS)
        found[name] = offered, Offer(free.name, at, namespace, custom=True)
    elif kind == "namespace" and namespace is None:
        space = as_(wire.Namespace, tool, at)
        for i, inner in enumerate(space.tools):
            _add(inner, f"{at}.tools[{i}]", space.name, found)


def _named(name: str, namespace: str | None, at: str, found: dict[str, tuple[Tool, Offer]]) -> str:
    name = shown(name, namespace)
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"{at}.name must have 1 to 128 letters, digits or _ . : / -, not '{name}'.", param=f"{at}.name"
        )
    if name in found:
        raise InvalidRequest(f"Two tools are called '{name}'.", param=f"{at}.name")
    return name


def _choice(
    asked: str | dict[str, Any] | None, found: dict[str, tuple[Tool, Offer]]
) -> tuple[ToolChoice, list[str] | None]:
    """Return the choice, and the names that it narrows the tools to."""
    if asked is None:
        return ToolChoice("auto" if found else "none"), None
    if isinstance(asked, str):
        return _mode(asked, bool(found), "tool_choice"), None
    choice = as_(wire.Choice, asked, "tool_choice")
    if choice.type == "allowed_tools":
        allowed = []
        for i, tool in enumerate(choice.tools or ()):
            at = f"tool_choice.tools[{i}]"
            one = as_(wire.Choice, tool, at)
            if one.type in ("function", "custom"):
                allowed.append(_known(one, at, found))
        return _mode(choice.mode or "auto", bool(allowed), "tool_choice.mode"), allowed
    if choice.type in ("function", "custom"):
        return ToolChoice("named", _known(choice, "tool_choice", found)), None
    raise Unsupported(
        f"tool_choice asks for '{choice.type}', a tool that the vendor's own service would run; this server runs none."
        " Choose none, auto, required, a function, a custom tool or allowed_tools.",
        param="tool_choice.type",
    )


def _mode(mode: str, tools: bool, at: str) -> ToolChoice:
    if mode not in ("none", "auto", "required"):
        raise InvalidRequest(
            f"{at} must be 'none', 'auto', 'required' or an object that names a tool, not '{mode}'.", param=at
        )
    if mode == "required" and not tools:
        raise InvalidRequest("tool_choice 'required' needs a tool of type function or custom.", param=at)
    return ToolChoice(mode if tools else "none")  # type: ignore[arg-type]


def _known(choice: wire.Choice, at: str, found: dict[str, tuple[Tool, Offer]]) -> str:
    if choice.name is None:
        raise required(f"{at}.name")
    name = shown(choice.name, choice.namespace)
    if name not in found:
        raise InvalidRequest(f"{at} names '{name}', which is not among the tools.", param=f"{at}.name")
    return name
