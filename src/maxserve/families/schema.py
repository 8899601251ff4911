"""What a JSON schema says of a value's type, for reading what a model wrote (specs/minimax.md §14.6)."""

from __future__ import annotations

from typing import Any

Kinds = frozenset[str]
ANY: Kinds = frozenset()
"""No type is known."""

_ALIASES = {
    "str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "bool": "boolean", "dict": "object", "map": "object", "list": "array", "tuple": "array",
}  # fmt: skip
_DEPTH = 24


def resolve(schema: Any, root: Any) -> Any:
    """Follow local `$ref`s (`#`, `#/$defs/…`) from `schema`; an empty schema where one leads nowhere or in a circle."""
    for _ in range(_DEPTH):
        if not isinstance(schema, dict) or not isinstance(reference := schema.get("$ref"), str):
            return schema
        schema = point(reference, root)
    return {}


def point(reference: str, root: Any) -> Any:
    """Return what the local JSON pointer `reference` means in `root`, None where nothing."""
    if not reference.startswith("#"):
        return None
    here = root
    for written in reference[1:].split("/")[1:]:
        step = written.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def kinds(schema: Any, root: Any, depth: int = 0) -> Kinds:
    """Return the JSON types that `schema` allows; `ANY` where it does not say."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > _DEPTH:
        return ANY
    found = _named(schema.get("type"))
    if not found and isinstance(values := schema.get("enum"), list) and values:
        found = frozenset(map(kind, values))
    if not found and "const" in schema:
        found = frozenset((kind(schema["const"]),))
    for word in ("anyOf", "oneOf"):
        if not found and isinstance(branches := schema.get(word), list) and branches:
            each = [kinds(branch, root, depth + 1) for branch in branches]
            found = frozenset().union(*each) if all(each) else ANY
    if not found and isinstance(branches := schema.get("allOf"), list):
        found = next((some for branch in branches if (some := kinds(branch, root, depth + 1))), ANY)
    if not found and isinstance(schema.get("properties"), dict):
        found = frozenset(("object",))
    if not found and ("items" in schema or "prefixItems" in schema):
        found = frozenset(("array",))
    return found | {"null"} if found and schema.get("nullable") is True else found


def _named(types: Any) -> Kinds:
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    return frozenset(_ALIASES.get(name.lower(), name.lower()) for name in names if isinstance(name, str))


def kind(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    for types, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (dict, "object")):
        if isinstance(value, types):
            return name
    return "array"


def properties(schema: Any, root: Any, depth: int = 0) -> dict[str, Any]:
    """Return the properties that an object schema names, those of its branches included."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > _DEPTH:
        return {}
    found: dict[str, Any] = {}
    for word in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(word) or ():
            found |= properties(branch, root, depth + 1)
    own = schema.get("properties")
    return found | own if isinstance(own, dict) else found


def items(schema: Any, root: Any, depth: int = 0) -> Any:
    """Return the schema of an array's items, an empty one where it does not say."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > _DEPTH:
        return {}
    own = schema.get("items")
    if isinstance(own, dict):
        return own
    for word in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(word) or ():
            if found := items(branch, root, depth + 1):
                return found
    return {}
