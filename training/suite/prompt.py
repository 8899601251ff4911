"""Prompts as serving writes them, and what the raw output of a checkpoint says."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import jinja2

TEMPLATES = Path(__file__).parents[2] / "src" / "maxserve" / "families" / "templates"
MARK = "]<]minimax[>["
CLOSE = {"m2": "</think>", "m3": "</mm:think>"}
"""What ends a thought, by family."""


def _refuse(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


@cache
def template(family: str) -> jinja2.Template:
    """Load the frozen template of a family."""
    environment = jinja2.Environment()
    environment.filters["tojson"] = lambda value, ensure_ascii=False: json.dumps(value, ensure_ascii=ensure_ascii)
    environment.globals["raise_exception"] = _refuse
    return environment.from_string((TEMPLATES / f"{family}.jinja").read_text(encoding="utf-8"))


def split(family: str, mode: str | None, text: str) -> tuple[str, str]:
    """Part a raw output into the thought and the visible rest."""
    close = CLOSE[family]
    if family == "m3" and mode == "disabled":
        return "", text
    if family == "m3" and mode != "enabled":
        if text.startswith(close):
            return "", text.removeprefix(close)
        if not text.startswith("<mm:think>"):
            return "", text
    thought, found, rest = text.partition(close)
    thought = thought.removeprefix("<mm:think>").strip("\n")
    return (thought, rest.lstrip("\n")) if found else (thought, "")


def calls(family: str, text: str, tools: list[dict[str, Any]] | None) -> tuple[str, list[tuple[str, Any]]]:
    """Part the visible text into content and tool calls with typed arguments."""
    shapes = {tool["function"]["name"]: tool["function"]["parameters"]["properties"] for tool in tools or []}
    content, found, block = text.partition("<minimax:tool_call>" if family == "m2" else f"{MARK}<tool_call>")
    if not found:
        return content.strip("\n"), []
    mark = "" if family == "m2" else re.escape(MARK)
    made = []
    for match in re.finditer(rf'{mark}<invoke name="([^"]+)">(.*?){mark}</invoke>', block, re.DOTALL):
        name, body = match.groups()
        shape = shapes.get(name, {})
        if family == "m2":
            values: dict[str, Any] = dict(re.findall(r'<parameter name="([^"]+)">(.*?)</parameter>', body, re.DOTALL))
        else:
            values = elements(body)
        made.append((name, {key: typed(value, shape.get(key, {})) for key, value in values.items()}))
    return content.strip("\n"), made


def elements(body: str) -> dict[str, Any]:
    """Read M3's elements one inside the other; a repeated name becomes a list."""
    found: dict[str, Any] = {}
    for match in re.finditer(rf"{re.escape(MARK)}<(\w[^>]*)>(.*?){re.escape(MARK)}</\1>", body, re.DOTALL):
        key, inner = match.groups()
        value: Any = elements(inner) if MARK in inner else inner
        if key in found:
            found[key] = [*(found[key] if isinstance(found[key], list) else [found[key]]), value]
        else:
            found[key] = value
    return found


def typed(value: Any, shape: dict[str, Any]) -> Any:
    """Give a value the type that its schema names; leave it as it is where that fails."""
    kind = shape.get("type")
    if isinstance(value, dict):
        if kind == "array" or set(value) == {"item"}:
            items = value.get("item", [])
            return [typed(item, shape.get("items", {})) for item in (items if isinstance(items, list) else [items])]
        inner = shape.get("properties", {})
        return {key: typed(item, inner.get(key, {})) for key, item in value.items()}
    if kind in (None, "string") or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
