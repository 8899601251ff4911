"""What an answer must be: a schema for a response format, a grammar for tool calls that must be made.

The constraint covers the answer after the thought; the service lets the model think first and resumes with it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from ..chat import Constraint, Grammar, InvalidRequest, JsonObject, JsonSchema, Request, Schema, Tool
from .grammar import Rules, Syntax, either, literal
from .keywords import checked


def constraint(request: Request, syntax: Syntax) -> Constraint | None:
    """Return what the answer is held to, None where it is free.

    A tool choice goes before a response format: a call is wanted first, and its result brings the next request.
    Raises `InvalidRequest` for a choice without its tool, and for schemas that cannot be enforced.
    """
    choice, form = request.tool_choice, request.response_format
    if choice.mode == "named":
        chosen = [(i, tool) for i, tool in enumerate(request.tools) if tool.name == choice.name]
        if not chosen:
            raise InvalidRequest(f"tool_choice names '{choice.name}', which no tool is called.", param="tool_choice")
        return Grammar(_block(chosen[:1], syntax, several=False))
    if choice.mode == "required":
        if not request.tools:
            raise InvalidRequest("tool_choice 'required' needs tools.", param="tool_choice")
        return Grammar(_block(list(enumerate(request.tools)), syntax, several=request.parallel_tool_calls))
    if isinstance(form, JsonSchema):
        return Schema(checked(form.schema, "response_format.json_schema.schema", strict=form.strict))
    return Schema({"type": "object"}) if isinstance(form, JsonObject) else None


def _block(tools: Sequence[tuple[int, Tool]], syntax: Syntax, *, several: bool) -> str:
    rules = Rules()
    calls = []
    for number, tool in tools:
        path = f"tools[{number}].function.parameters"
        if not tool.name or set(tool.name) & set('"<>~\n'):
            name = f"tools[{number}].function.name"
            raise InvalidRequest(f"The tool name {tool.name!r} cannot be written in a call.", param=name)
        schema = checked(tool.parameters, path, strict=tool.strict, own=True)
        typed = msgspec.structs.replace(tool, parameters=schema)
        try:
            calls.append(rules.named(("call", number), "call", partial(syntax.call, rules, typed, path)))
        except RecursionError as error:
            raise InvalidRequest(f"{path} is nested too deeply.", param=path) from error
    one = either(calls)
    block = f"{literal(syntax.begin)} {f'({one})+' if several else one} {literal(syntax.end)}"
    return rules.text(f"{syntax.lead} {block}" if syntax.lead else block)
