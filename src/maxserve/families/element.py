"""M3 writes objects and lists as nested elements; here they become JSON again (docs/wire/minimax.md §15.4, §15.5)."""

from __future__ import annotations

from typing import Any

from .json_schema import items, kinds, properties
from .value import converted, quote

DEPTH = 128
"""Elements are nested no deeper than this; a tag below is text."""

ITEM = "item"
TEXT = "$text"
"""The member that holds text which stands between child elements."""


class Element:
    """One element: its text, in pieces, and its children in order."""

    __slots__ = ("children", "name", "parts")

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []
        self.children: list[Element] = []


def written(elements: list[Element], schema: Any, root: Any) -> str:
    """Return the JSON of one member that is written as `elements`: several of one name are a list."""
    types = kinds(schema, root)
    first = elements[0]
    if len(elements) == 1 and ("array" not in types or first.children or _is_json(first, types) or not _text(first)):
        return _one(first, schema, root)
    inner = items(schema, root) if "array" in types else schema
    return "[" + ", ".join(_one(element, inner, root) for element in elements) + "]"


def _one(element: Element, schema: Any, root: Any) -> str:
    types = kinds(schema, root)
    if not element.children:
        return _leaf(element, types)
    names = {child.name for child in element.children}
    if "object" not in types and ("array" in types or names == {ITEM}):
        inner = items(schema, root)
        return "[" + ", ".join(_one(child, inner, root) for child in element.children) + "]"
    if names == {ITEM} and "array" in types and ITEM not in properties(schema, root):
        inner = items(schema, root)
        return "[" + ", ".join(_one(child, inner, root) for child in element.children) + "]"
    known = properties(schema, root)
    members: dict[str, list[Element]] = {}
    for child in element.children:
        members.setdefault(child.name, []).append(child)
    out = [f"{quote(name)}: {written(group, known.get(name), root)}" for name, group in members.items()]
    if text := _text(element):
        out.append(f"{quote(TEXT)}: {quote(text)}")
    return "{" + ", ".join(out) + "}"


def _leaf(element: Element, types: frozenset[str]) -> str:
    text = "".join(element.parts)
    if not text.strip() and types and "string" not in types:
        for kind, empty in (("object", "{}"), ("array", "[]"), ("null", "null")):
            if kind in types:
                return empty
    return converted(text, types)


def _text(element: Element) -> str:
    return "".join(element.parts).strip()


def _is_json(element: Element, types: frozenset[str]) -> bool:
    return converted(_text(element), types)[:1] != '"'
