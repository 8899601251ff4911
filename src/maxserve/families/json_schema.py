"""What a JSON schema says of a value's type, for reading what a model wrote (docs/wire/minimax.md §14.6)."""

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
_NOTES = ("title", "description", "default", "examples", "$defs", "definitions")


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


def kinds(schema: Any, root: Any, known: dict[int, Kinds] | None = None) -> Kinds:
    """Return the JSON types that `schema` allows; `ANY` where it does not say.

    `known` remembers schemas of this walk, so that references in a circle come to an end.
    """
    schema = resolve(schema, root)
    if not isinstance(schema, dict):
        return ANY
    known = {} if known is None else known
    if id(schema) not in known:
        known[id(schema)] = ANY
        found = _kinds(schema, root, known)
        known[id(schema)] = found | {"null"} if found and schema.get("nullable") is True else found
    return known[id(schema)]


def _kinds(schema: dict[str, Any], root: Any, known: dict[int, Kinds]) -> Kinds:
    if found := _named(schema.get("type")):
        return found
    if isinstance(values := schema.get("enum"), list) and values:
        return frozenset(map(kind, values))
    if "const" in schema:
        return frozenset((kind(schema["const"]),))
    for word in ("anyOf", "oneOf"):
        if isinstance(each := schema.get(word), list) and each:
            types = [kinds(branch, root, known) for branch in each]
            return frozenset().union(*types) if all(types) else ANY
    for branch in _branches(schema, ("allOf",)):
        if found := kinds(branch, root, known):
            return found
    if isinstance(schema.get("properties"), dict):
        return frozenset(("object",))
    return frozenset(("array",)) if "items" in schema or "prefixItems" in schema else ANY


def _branches(schema: dict[str, Any], words: tuple[str, ...]) -> list[Any]:
    return [branch for word in words if isinstance(each := schema.get(word), list) for branch in each]


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


def properties(schema: Any, root: Any, seen: set[int] | None = None) -> dict[str, Any]:
    """Return the properties that an object schema names, those of its branches included."""
    schema = resolve(schema, root)
    seen = set() if seen is None else seen
    if not isinstance(schema, dict) or id(schema) in seen:
        return {}
    seen.add(id(schema))
    found: dict[str, Any] = {}
    for branch in _branches(schema, ("allOf", "anyOf", "oneOf")):
        found.update(properties(branch, root, seen))
    own = schema.get("properties")
    return found | own if isinstance(own, dict) else found


def together(schema: dict[str, Any], root: Any) -> Any:
    """Return a schema with `allOf` as one whose parts are put together."""
    whole = {word: value for word, value in schema.items() if word != "allOf"}
    for branch in schema["allOf"]:
        whole = _merged(whole, resolve(branch, root))
    return whole


def branches(schema: dict[str, Any], word: str, root: Any) -> list[Any]:
    """Return the branches of `anyOf` or `oneOf`, each together with what stands beside it."""
    beside = {name: value for name, value in schema.items() if name not in (word, *_NOTES)}
    return [_merged(beside, resolve(branch, root)) if beside else branch for branch in schema[word]]


def _merged(one: dict[str, Any], other: Any) -> Any:
    if not isinstance(other, dict) or not one:
        return other
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def items(schema: Any, root: Any, seen: set[int] | None = None) -> Any:
    """Return the schema of an array's items, an empty one where it does not say."""
    schema = resolve(schema, root)
    seen = set() if seen is None else seen
    if not isinstance(schema, dict) or id(schema) in seen:
        return {}
    seen.add(id(schema))
    own = schema.get("items")
    if isinstance(own, dict):
        return own
    for branch in _branches(schema, ("anyOf", "oneOf", "allOf")):
        if found := items(branch, root, seen):
            return found
    return {}
