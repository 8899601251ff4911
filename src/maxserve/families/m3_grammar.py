"""A block of M3's tool calls as a grammar: objects and lists as nested elements (docs/wire/minimax.md §15.4)."""

from __future__ import annotations

from typing import Any

from ..chat import InvalidRequest, Tool
from .element import ITEM
from .grammar import Rules, Syntax, either, literal
from .json_grammar import DEPTH, Json
from .json_schema import branches, items, kinds, properties, resolve, together
from .m2_grammar import choices
from .m3_reader import BLOCK, BLOCK_END, INVOKE, MARK
from .reader import END

_TAGS = (MARK, END)


class _Elements:
    """Writes the elements of one tool's parameters into `rules`."""

    def __init__(self, rules: Rules, tool: Tool, path: str) -> None:
        self._rules = rules
        self._root = tool.parameters
        self._path = path
        self._json = Json(rules, tool.parameters, path)

    def members(self, schema: Any, depth: int) -> str:
        """Return the expression of an object's members, in order; optional ones and ones that may be null optional."""
        known = properties(schema, self._root)
        required = set(resolve(schema, self._root).get("required") or ())
        parts = []
        for name, inner in known.items():
            if set(name) & set("<>~\n") or name.startswith("/"):
                raise InvalidRequest(f"The parameter name {name!r} cannot be written in a tool call.", param=self._path)
            part = f"{literal(f'{MARK}<{name}>')} {self.value(inner, depth)} {literal(f'{MARK}</{name}>')}"
            # The template leaves members out that are null (docs/wire/minimax.md §15.4).
            optional = name not in required or "null" in kinds(inner, self._root)
            parts.append(f"({part})?" if optional else part)
        return " ".join(parts)

    def value(self, schema: Any, depth: int) -> str:
        """Return the expression of what stands between an element's tags."""
        if depth > DEPTH:
            raise InvalidRequest(f"{self._path} is nested more than {DEPTH} levels deep.", param=self._path)
        if isinstance(schema, dict) and "$ref" in schema:
            target = resolve(schema, self._root)
            return self._rules.node("element", target, lambda: self.value(target, 0))
        options = choices(schema, _TAGS, self._path)
        if options is not None:
            return options
        types = kinds(schema, self._root)
        if not types or "string" in types:
            return self._rules.without(_TAGS)
        for word in ("anyOf", "oneOf"):
            if isinstance(schema.get(word), list) and schema[word]:
                return either(self.value(branch, depth + 1) for branch in branches(schema, word, self._root))
        if isinstance(schema.get("allOf"), list):
            return self.value(together(schema, self._root), depth + 1)
        return either(self._typed(schema, kind, depth) for kind in sorted(types - {"null"}) or ["null"])

    def free(self) -> str:
        """Return the expression of arguments without known names, which are written as one JSON object."""
        return self._json.value({"type": "object", "additionalProperties": self._root["additionalProperties"]})

    def _typed(self, schema: Any, kind: str, depth: int) -> str:
        if kind == "object":
            return f"({inner})" if (inner := self.members(schema, depth + 1)) else self._json.value(schema)
        if kind == "array" and schema.get("prefixItems"):
            return self._json.value(schema)
        if kind == "array":
            item = self.value(items(schema, self._root), depth + 1)
            element = f"{literal(f'{MARK}<{ITEM}>')} ({item}) {literal(f'{MARK}</{ITEM}>')}"
            return f"({element})+" if schema.get("minItems") else f"({element})*"
        return self._json.value({"type": kind})


def call(rules: Rules, tool: Tool, path: str) -> str:
    """Return the expression of one call of `tool`: its parameters in the schema's order, optional ones optional."""
    elements = _Elements(rules, tool, path)
    inner = elements.members(together({"allOf": [tool.parameters]}, tool.parameters), 0)
    if not inner and tool.parameters.get("additionalProperties"):
        inner = elements.free()
    begin, end = literal(f'{INVOKE} name="{tool.name}">'), literal(f"{MARK}</invoke>\n")
    return f"{begin} {inner} {end}"


SYNTAX = Syntax(lead="", begin=f"{BLOCK}\n", end=BLOCK_END, call=call)
