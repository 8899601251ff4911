"""Turns structs into the document's JSON schemas (2020-12, as OpenAPI 3.1 takes them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from .field import Field, Fields, limits

_REF = "#/components/schemas/"
_NULL = {"type": "null"}


class Schemas:
    """Collects the schemas of structs under names that are unique in the document."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def add(
        self,
        struct: type,
        prefix: str,
        fields: Fields | None = None,
        *,
        name: str | None = None,
        without: Iterable[type] = (),
        tag: str | None = None,
        tag_field: str = "type",
    ) -> dict[str, Any]:
        """Add `struct` and all that it holds, as `prefix` and their own names; returns a reference to it.

        `name` is the whole name of `struct` itself: the same struct may be there twice, under other rules. `without`
        are structs that no reader should send, though they are decoded. `tag` is the `tag_field` that the object has on
        the wire, where the struct itself leaves it out.
        """
        (reference,), found = _components((struct,))
        found = {own: schema for own, schema in found.items() if own not in {kind.__name__ for kind in without}}
        top = _name(reference)
        names = {own: prefix + own.removeprefix(prefix) for own in found}
        names[top] = name or names[top]
        kinds = {kind.__name__: table for kind, table in (fields or {}).items()}
        for own, schema in found.items():
            told = _named(schema, names)
            told["title"] = names[own]
            if own == top and tag is not None:
                kind = {"description": "What kind it is.", "type": "string", "enum": [tag]}
                told["properties"] = {tag_field: kind, **told["properties"]}
                told["required"] = [tag_field, *told["required"]]
            _enrich(told, kinds.get(own, {}))
            self._keep(told)
        return {"$ref": _REF + names[top]}

    def add_all(self, structs: Iterable[type], prefix: str) -> tuple[dict[str, Any], ...]:
        """Add several structs; returns a reference to each."""
        references, found = _components(tuple(structs))
        names = {own: prefix + own.removeprefix(prefix) for own in found}
        for own, schema in found.items():
            told = _named(schema, names)
            told["title"] = names[own]
            _enrich(told, {})
            self._keep(told)
        return tuple({"$ref": _REF + names[_name(reference)]} for reference in references)

    def keep(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Add a schema that no struct stands for, under its title; returns a reference to it."""
        self._keep(schema)
        return {"$ref": _REF + schema["title"]}

    def _keep(self, schema: dict[str, Any]) -> None:
        if self.found.setdefault(schema["title"], schema) != schema:
            raise ValueError(f"two schemas would be called {schema['title']}")


@cache
def _components(structs: tuple[type, ...]) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """The schemas of structs and of all that they hold; looking at the types takes most of the time."""
    return msgspec.json.schema_components(structs, ref_template=_REF + "{name}")


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).removeprefix(_REF)


def _named(schema: Any, names: Mapping[str, str]) -> Any:
    """Return a copy whose references say the document's names, without choices that are not in it."""
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list) and all(isinstance(value, str) for value in schema["enum"]):
            schema = {"type": "string"} | schema
        elif len(schema.get("enum", ())) == 1 and isinstance(schema["enum"][0], bool):
            schema = {"type": "boolean", "const": schema["enum"][0]}
        if schema.get("type") == "array" and "items" not in schema:
            schema = {**schema, "items": {}}  # generators of clients want to be told that anything goes
        return {key: _named(value, names) for key, value in schema.items() if not _left_out(value, names)}
    if isinstance(schema, list):
        return [
            _named(value, names)
            for value in schema
            if not (isinstance(value, dict) and _left_out(value.get("$ref"), names))
        ]
    if isinstance(schema, str) and schema.startswith(_REF):
        return _REF + names[schema.removeprefix(_REF)]
    return schema


def _left_out(schema: Any, names: Mapping[str, str]) -> bool:
    return isinstance(schema, str) and schema.startswith(_REF) and schema.removeprefix(_REF) not in names


def _enrich(schema: dict[str, Any], fields: Mapping[str, Field]) -> None:
    properties: dict[str, Any] = schema.get("properties", {})
    unknown = fields.keys() - properties.keys()
    if unknown:
        raise ValueError(f"{schema['title']} has no field {', '.join(sorted(unknown))}")
    for name, found in properties.items():
        field = fields.get(name)
        if field is not None and field.required:
            schema["required"] = sorted({*schema.get("required", ()), name}, key=list(properties).index)
            properties[name] = _property(_without_null(found), field)
        else:
            properties[name] = _property(found, field)


def _property(found: dict[str, Any], field: Field | None) -> dict[str, Any]:
    """Return a property's schema with what `field` says of it; null as a default is left out: it means absent."""
    found = dict(found)
    if found.get("default", msgspec.UNSET) is None:
        del found["default"]
    if field is None:
        return _folded(found)
    found = _folded(_limited(found, field)) if field.schema is None else dict(field.schema)
    if field.default is not msgspec.UNSET:
        found["default"] = field.default
    return {"description": field.text, **found}


def _limited(schema: dict[str, Any], field: Field) -> dict[str, Any]:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_limited(choice, field) for choice in schema["anyOf"]]}
    kind = schema.get("type")
    if not isinstance(kind, str):
        return schema
    schema = {**schema, **limits(field, kind)}
    inner = {"array": "items", "object": "additionalProperties"}.get(kind)
    if inner is not None and inner in schema and field.items is not None:
        schema[inner] = _limited(schema[inner], field.items)
    return schema


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in schema:
        return schema
    choices = [choice for choice in schema["anyOf"] if choice != _NULL]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return rest | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _folded(schema: dict[str, Any]) -> dict[str, Any]:
    """Write "a number or null" as one type, where nothing but null stands beside a plain type."""
    choices = schema.get("anyOf")
    if choices is None or len(choices) != 2 or _NULL not in choices:
        return schema
    (choice,) = (choice for choice in choices if choice != _NULL)
    if not isinstance(choice.get("type"), str):
        return schema
    choice = {**choice, "type": [choice["type"], "null"]}
    if "enum" in choice:
        choice["enum"] = [*choice["enum"], None]
    return {key: value for key, value in schema.items() if key != "anyOf"} | choice


def tag_of(struct: type[msgspec.Struct]) -> str:
    """Return the tag of a struct that has one."""
    return str(struct.__struct_config__.tag)
