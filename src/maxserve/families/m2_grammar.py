"""A block of M2's tool calls as a grammar (docs/wire/minimax.md §14.5)."""

from __future__ import annotations

import json
from typing import Any

from ..chat import InvalidRequest, Tool
from .grammar import Rules, Syntax, either, literal
from .json_grammar import Json
from .json_schema import kinds, properties, resolve
from .m2_reader import BLOCK, BLOCK_END, INVOKE, INVOKE_END, PARAMETER, PARAMETER_END
from .reader import END

_TAGS = ("</parame", "</invok", "<parame", "<invok", "</minim", "<minim", END)
"""What a string must not hold, so that it can be told where it ends; the tags' beginnings keep the grammar small."""


def call(rules: Rules, tool: Tool, path: str) -> str:
    """Return the expression of one call of `tool`: its parameters in the schema's order, optional ones optional."""
    schema = tool.parameters
    known = properties(schema, schema)
    required = set(resolve(schema, schema).get("required") or ())
    parts = [literal(f'{INVOKE} name="{tool.name}">\n')]
    values = Json(rules, schema, path)
    for name, inner in known.items():
        if set(name) & set('"<>~\n'):
            raise InvalidRequest(f"The parameter name {name!r} cannot be written in a tool call.", param=path)
        begin, end = literal(f'{PARAMETER} name="{name}">'), literal(f"{PARAMETER_END}\n")
        part = f"{begin} {value(rules, values, inner, schema, path)} {end}"
        parts.append(part if name in required else f"({part})?")
    if not known and (extra := schema.get("additionalProperties")):
        # Without known names the arguments are written as one JSON object.
        parts.append(f'{values.value({"type": "object", "additionalProperties": extra})} "\\n"')
    parts.append(literal(f"{INVOKE_END}\n"))
    return " ".join(parts)


def value(rules: Rules, values: Json, schema: Any, root: Any, path: str) -> str:
    """Return the expression of a parameter's value: strings as they are, everything else as JSON."""
    schema = resolve(schema, root)
    options = choices(schema, _TAGS, path)
    if options is not None:
        return options
    types = kinds(schema, root)
    if not types or "string" in types:
        return rules.without(_TAGS)
    return values.value(schema)


def choices(schema: Any, forbidden: tuple[str, ...], path: str) -> str | None:
    """Return the expression of an enumeration or constant, None where `schema` has none."""
    if not isinstance(schema, dict):
        return None
    options = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(options, list) or not options:
        return None
    texts = [option if isinstance(option, str) else json.dumps(option, ensure_ascii=False) for option in options]
    if any(tag in text for text in texts for tag in forbidden):
        raise InvalidRequest("A value of an enumeration holds a tag of the tool-call syntax.", param=path)
    return either(map(literal, texts))


SYNTAX = Syntax(lead='"\\n"?', begin=f"{BLOCK}\n", end=BLOCK_END, call=call)
