"""Which parts of JSON Schema an answer can be held to, and a clear refusal of the others.

For a response format the engine enforces the schema, and some engines do more than others: refused here is only what
none can do; an engine refuses the rest by itself. For tool calls the grammar is ours, and what it cannot hold is
refused too. In both, bounds of numbers and formats of strings may be left to the model. Where the caller does not ask
for strictness, what cannot be held for certain is dropped instead, and the model has only been told of it.
"""

from __future__ import annotations

from typing import Any

from ..chat import InvalidRequest
from .json_schema import point

DEPTH = 64

_REFUSED = (
    "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "propertyNames", "contains",
    "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
_ENGINES = ("pattern", "patternProperties", "multipleOf", "minProperties", "maxProperties")
"""What some engines hold, and our own grammars do not."""
_TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array", "null"))
_MAPS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = ("items", "additionalProperties")
_STRAY = ("additionalItems",)


def checked(schema: dict[str, Any], param: str, *, strict: bool, own: bool = False) -> dict[str, Any]:
    """Return a schema that can be enforced: by an engine, or by our `own` grammar.

    Raises `InvalidRequest` (param: the path inside the schema) for what cannot be enforced if `strict`, and drops it
    otherwise; for what is no schema at all always.
    """
    refused = (*_REFUSED, *_ENGINES) if own or not strict else _REFUSED
    result: dict[str, Any] = _walk(schema, schema, param, (strict, refused), 0)
    return result


def _walk(schema: Any, root: dict[str, Any], path: str, rule: tuple[bool, tuple[str, ...]], depth: int) -> Any:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise InvalidRequest(f"{path} must be a JSON schema (an object).", param=path)
    if depth > DEPTH:
        raise InvalidRequest(f"{path} is nested more than {DEPTH} levels deep.", param=path)
    out: dict[str, Any] = {}
    for word, value in schema.items():
        here = f"{path}.{word}"
        if word in rule[1] or (word == "uniqueItems" and value is True):
            if rule[0]:
                reason = f"the keyword '{word}' is not supported; remove it, or set strict to false."
                raise InvalidRequest(f"{here} cannot be enforced: {reason}", param=here)
        elif word in _STRAY or word == "uniqueItems":
            continue
        elif word == "$ref":
            if not isinstance(value, str) or not isinstance(point(value, root), dict | bool):
                raise InvalidRequest(f"{here} refers to '{value}', which is not in this schema.", param=here)
            _circle(value, root, here)
            out[word] = value
        elif word == "type":
            names = value if isinstance(value, list) else [value]
            if not names or any(name not in _TYPES for name in names):
                known = ", ".join(sorted(_TYPES))
                raise InvalidRequest(f"{here} must be one of {known}, or a list of them.", param=here)
            out[word] = value
        elif word in _MAPS:
            if not isinstance(value, dict):
                raise InvalidRequest(f"{here} must be an object.", param=here)
            out[word] = {name: _walk(item, root, f"{here}.{name}", rule, depth + 1) for name, item in value.items()}
        elif word in _LISTS:
            if not isinstance(value, list) or not value:
                raise InvalidRequest(f"{here} must be a list of schemas.", param=here)
            out[word] = [_walk(item, root, f"{here}[{i}]", rule, depth + 1) for i, item in enumerate(value)]
        elif word in _SINGLE:
            out[word] = _walk(value, root, here, rule, depth + 1)
        elif word == "required" and not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
            raise InvalidRequest(f"{here} must be a list of strings.", param=here)
        elif word == "enum" and not (isinstance(value, list) and value):
            raise InvalidRequest(f"{here} must be a list with at least one value.", param=here)
        else:
            out[word] = value
    return out


def _circle(reference: str, root: dict[str, Any], path: str) -> None:
    """Refuse a chain of references that never arrives at a schema."""
    seen: set[str] = set()
    here: Any = reference
    while isinstance(here, str):
        if here in seen:
            raise InvalidRequest(f"{path} refers to itself.", param=path)
        seen.add(here)
        target = point(here, root)
        here = target.get("$ref") if isinstance(target, dict) else None
