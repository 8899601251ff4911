"""JSON of a schema as grammar rules, compact: at most one blank after a comma or colon.

Properties come in the schema's order; optional ones may be left out; others only where the schema names none or
allows them. Bounds of numbers are left to the model.
"""

from __future__ import annotations

import json
from typing import Any

from ..chat import InvalidRequest
from .grammar import Rules, either, literal
from .json_schema import branches, kinds, properties, resolve, together

DEPTH = 32
_REPEAT = 256
"""Bounds above are not enforced: engines unroll repetitions."""

_INTEGER = '"0" | "-"? [1-9] [0-9]{0,17}'
_NUMBER = '"-"? ("0" | [1-9] [0-9]{0,17}) ("." [0-9]{1,16})? ([eE] [+-]? [0-9]{1,2})?'
_COMMA, _COLON = '"," " "?', '":" " "?'


class Json:
    """Writes the JSON values of one root schema into `rules`; `path` names the schema in errors."""

    def __init__(self, rules: Rules, root: Any, path: str) -> None:
        self._rules = rules
        self._root = root
        self._path = path

    def value(self, schema: Any, depth: int = 0) -> str:
        """Return the expression for a value that satisfies `schema`."""
        if depth > DEPTH:
            raise InvalidRequest(f"{self._path} is nested more than {DEPTH} levels deep.", param=self._path)
        if isinstance(schema, dict) and "$ref" in schema:
            target = resolve(schema, self._root)
            return self._rules.node("ref", target, lambda: self.value(target, 0))
        if not isinstance(schema, dict) or not schema:
            return self.any()
        if "const" in schema:
            return literal(json.dumps(schema["const"], ensure_ascii=False))
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return either(literal(json.dumps(value, ensure_ascii=False)) for value in schema["enum"])
        for word in ("anyOf", "oneOf"):
            if isinstance(schema.get(word), list) and schema[word]:
                return either(self.value(branch, depth + 1) for branch in branches(schema, word, self._root))
        if isinstance(schema.get("allOf"), list):
            return self.value(together(schema, self._root), depth + 1)
        types = kinds(schema, self._root)
        return either(self._typed(schema, kind, depth) for kind in sorted(types)) if types else self.any()

    def any(self) -> str:
        """Return the rule for any JSON value."""
        rules = self._rules
        return rules.named(
            "json-any",
            "any",
            lambda: (
                f'{self.any_object()} | "[" ({self.any()} ({_COMMA} {self.any()})*)? "]" | {self.string({})} '
                f'| {_NUMBER} | "true" | "false" | "null"'
            ),
        )

    def any_object(self) -> str:
        """Return the rule for any JSON object."""
        member = f"{self.string({})} {_COLON} {self.any()}"
        return self._rules.named("json-object", "object", lambda: f'"{{" ({member} ({_COMMA} {member})*)? "}}"')

    def string(self, schema: dict[str, Any]) -> str:
        """Return the expression for a JSON string; `<` is written as an escape, so no tag can appear in it."""
        char = self._rules.named(
            "json-char", "char", lambda: r'[^"\\<\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})'
        )
        low, high = _bounds(schema, "minLength", "maxLength")
        return f'"\\"" {char}{_times(low, high)} "\\""'

    def _typed(self, schema: dict[str, Any], kind: str, depth: int) -> str:
        if kind == "string":
            return self.string(schema)
        if kind == "integer":
            return f"({_INTEGER})"
        if kind == "number":
            return f"({_NUMBER})"
        if kind == "boolean":
            return '("true" | "false")'
        if kind == "array":
            return self._array(schema, depth)
        if kind == "object":
            return self._object(schema, depth)
        return '"null"'

    def _array(self, schema: dict[str, Any], depth: int) -> str:
        first = schema.get("prefixItems")
        rest = schema.get("items", {})
        low, high = _bounds(schema, "minItems", "maxItems")
        if isinstance(first, list) and first:
            inner = f" {_COMMA} ".join(self.value(item, depth + 1) for item in first)
            more = "" if rest is False or high == len(first) else f" ({_COMMA} {self.value(rest, depth + 1)})*"
            return f'"[" {inner}{more} "]"'
        if rest is False or high == 0:
            return '"[" "]"'
        item = self._rules.node("item", rest, lambda: self.value(rest, depth + 1)) if rest else self.any()
        again = _times(max(low - 1, 0), None if high is None else high - 1)
        inner = f"{item} ({_COMMA} {item}){again}"
        return f'"[" {inner} "]"' if low else f'"[" ({inner})? "]"'

    def _object(self, schema: dict[str, Any], depth: int) -> str:
        known = properties(schema, self._root)
        extra = schema.get("additionalProperties")
        if not known:
            if extra is False:
                return '"{" "}"'
            if isinstance(extra, dict) and extra:
                member = self._extra(extra, depth)
                return f'"{{" ({member} ({_COMMA} {member})*)? "}}"'
            return self.any_object()
        required = set(schema.get("required") or ())
        # Two rules per property: it is the first to be written, or a comma comes before it.
        begun, bare = '"}"', '"}"'
        if extra is True or (isinstance(extra, dict) and extra):
            member = self._extra(extra, depth)
            begun = f'({_COMMA} {member})* "}}"'
            bare = f'({member} ({_COMMA} {member})*)? "}}"'
        for number, (name, inner) in reversed(list(enumerate(known.items()))):
            member = f"{literal(json.dumps(name, ensure_ascii=False))} {_COLON} {self.value(inner, depth + 1)}"
            skip_begun, skip_bare = (f" | {begun}", f" | {bare}") if name not in required else ("", "")
            after = self._rule(id(schema), number, "after", f"{_COMMA} {member} {begun}{skip_begun}")
            first = self._rule(id(schema), number, "first", f"{member} {begun}{skip_bare}")
            begun, bare = after, first
        return f'"{{" {bare}'

    def _extra(self, schema: Any, depth: int) -> str:
        value = (
            self.any() if schema is True else self._rules.node("extra", schema, lambda: self.value(schema, depth + 1))
        )
        return f"{self.string({})} {_COLON} {value}"

    def _rule(self, key: int, number: int, stem: str, body: str) -> str:
        return self._rules.named((stem, key, number, body), stem, lambda: body)


def _bounds(schema: dict[str, Any], low: str, high: str) -> tuple[int, int | None]:
    least, most = schema.get(low), schema.get(high)
    least = min(least, _REPEAT) if isinstance(least, int) else 0
    return least, most if isinstance(most, int) and most <= _REPEAT else None


def _times(low: int, high: int | None) -> str:
    if high is None:
        return "*" if not low else "+" if low == 1 else f"{{{low},}}"
    return f"{{{low},{high}}}"
