"""What answers are held to: schemas for response formats, grammars for tool calls (DESIGN: constrain)."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from maxserve.chat import Grammar, InvalidRequest, JsonObject, JsonSchema, Schema, Tool, ToolChoice
from maxserve.families import Prompt, family
from tests.families import gbnf
from tests.families.asking import ask, say
from tests.families.reading import N, read, tool

FAMILIES = ["m2", "m3"]
REQUIRED = ToolChoice("required")

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "home": {"type": "object", "properties": {"street": {"type": "string"}, "flat": {"type": ["integer", "null"]}}},
    },
    "required": ["name", "age"],
}
TREE = {
    "type": "object",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "label": {"type": "string"},
                "left": {"$ref": "#/$defs/node"},
                "right": {"$ref": "#/$defs/node"},
            },
            "required": ["label"],
        }
    },
    "properties": {"tree": {"$ref": "#/$defs/node"}},
    "required": ["tree"],
}
CHOICES = {
    "type": "object",
    "properties": {
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "level": {"enum": [1, 2, 3]},
        "kind": {"const": "fixed"},
        "ratio": {"type": "number"},
        "on": {"type": "boolean"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        "both": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]},
        "code": {"type": "string", "minLength": 2, "maxLength": 4},
    },
    "required": ["unit", "kind", "on", "both"],
}
FREE = {"type": "object", "properties": {"any": {}, "bag": {"type": "object"}, "list": {"type": "array"}}}
MAPS = {
    "type": "object",
    "properties": {
        "scores": {"type": "object", "additionalProperties": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": False},
    },
}
OPEN = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "boolean"}}}


def grammar(name: str, *tools: Tool, **rest: Any) -> gbnf.Grammar:
    rest.setdefault("tool_choice", REQUIRED)
    constraint = family(name).constraint(ask(say("user", "Hi"), tools=tools, **rest))
    assert isinstance(constraint, Grammar)
    return gbnf.Grammar(constraint.text)


@pytest.mark.parametrize(
    "schema",
    [PERSON, TREE, CHOICES, FREE, MAPS, OPEN, {}],
    ids=["person", "tree", "choices", "free", "maps", "open", "none"],
)
@pytest.mark.parametrize("name", FAMILIES)
def test_whatever_the_grammar_allows_is_read_as_calls_that_satisfy_the_schema(name: str, schema: dict[str, Any]):
    tools = (Tool("one", None, schema), Tool("two"))
    rules = grammar(name, *tools)
    validator = Draft202012Validator(_without_lengths(schema))
    rng = Random(5)
    alphabet = 'ab1 <>[]~/"\\\n{}:,eéparmtvinok_]🙂'
    for _ in range(120):
        raw = rules.draw(rng, alphabet)
        got = read(family(name).parser(Prompt("", "closed"), tools), raw)
        assert (got.reasoning, got.content) == ("", "")
        assert got.calls
        for (called, _), arguments in zip(got.calls, got.arguments, strict=True):
            assert called in ("one", "two")
            if called == "one":
                validator.validate(arguments)


def _without_lengths(schema: Any) -> Any:
    """Strings of tool calls are free in length: they are written raw."""
    if isinstance(schema, dict):
        return {k: _without_lengths(v) for k, v in schema.items() if k not in ("minLength", "maxLength")}
    return [_without_lengths(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_come_in_order_and_optional_ones_may_be_missing(name: str):
    rules = grammar(name, tool("f", ["a", "c"], a="integer", b="integer", c="integer"))
    seen = set()
    rng = Random(1)
    for _ in range(60):
        for arguments in read(
            family(name).parser(Prompt("", "closed"), [tool(a="integer", b="integer", c="integer")]),
            rules.draw(rng, "a"),
        ).arguments:
            seen.add(tuple(arguments))
    assert seen == {("a", "c"), ("a", "b", "c")}


@pytest.mark.parametrize("name", FAMILIES)
def test_how_many_calls(name: str):
    """One only where parallel calls are off, or one tool is named."""

    def most(**rest: Any) -> tuple[int, set[str]]:
        rules, rng = grammar(name, tool("f"), tool("g"), **rest), Random(1)
        drawn = [read(family(name).parser(Prompt("", "closed"), ()), rules.draw(rng, "a")).calls for _ in range(40)]
        return max(map(len, drawn)), {called for calls in drawn for called, _ in calls}

    assert most()[0] > 1
    assert most(parallel_tool_calls=False) == (1, {"f", "g"})
    assert most(tool_choice=ToolChoice("named", "g")) == (1, {"g"})


def test_blocks_look_as_the_templates_write_them():
    (m2, m3) = (grammar(name, tool("f", ["x"], x={"const": "v"}), parallel_tool_calls=False) for name in FAMILIES)
    blocks = {m2.draw(Random(i), "a") for i in range(9)}
    plain = '<minimax:tool_call>\n<invoke name="f">\n<parameter name="x">v</parameter>\n</invoke>\n</minimax:tool_call>'
    assert blocks == {plain, "\n" + plain}
    assert m3.draw(Random(1), "a") == (
        f'{N}<tool_call>\n{N}<invoke name="f">{N}<x>v{N}</x>{N}</invoke>\n{N}</tool_call>'
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_response_formats_become_schemas(name: str):
    constraint = family(name).constraint
    assert constraint(ask(say("user", "Hi"))) is None
    assert constraint(ask(say("user", "Hi"), response_format=JsonObject())) == Schema({"type": "object"})
    assert constraint(ask(say("user", "Hi"), response_format=JsonSchema("p", PERSON))) == Schema(PERSON)
    assert constraint(ask(say("user", "Hi"), response_format=JsonSchema("t", TREE))) == Schema(TREE)


def test_a_tool_choice_goes_before_a_response_format():
    both = ask(say("user", "Hi"), tools=(tool(),), tool_choice=REQUIRED, response_format=JsonObject())
    assert isinstance(family("m2").constraint(both), Grammar)
    for choice in (ToolChoice(), ToolChoice("none")):
        asked = ask(say("user", "Hi"), tools=(tool(),), tool_choice=choice, response_format=JsonObject())
        assert family("m2").constraint(asked) == Schema({"type": "object"})


ROOT = "response_format.json_schema.schema"


@pytest.mark.parametrize(
    ("schema", "param"),
    [
        ({"not": {}}, "not"),
        ({"type": "object", "properties": {"a": {"if": {}}}}, "properties.a.if"),
        ({"items": {"uniqueItems": True}}, "items.uniqueItems"),
        ({"anyOf": [{}, {"contains": {}}]}, "anyOf[1].contains"),
        ({"$ref": "#/$defs/none"}, "$ref"),
        ({"$ref": "https://example.org/schema"}, "$ref"),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}}, "$defs.a.$ref"),
        ({"type": "float"}, "type"),
        ({"type": []}, "type"),
        ({"properties": []}, "properties"),
        ({"properties": {"a": 1}}, "properties.a"),
        ({"anyOf": []}, "anyOf"),
        ({"required": "a"}, "required"),
        ({"enum": []}, "enum"),
    ],
)
def test_what_cannot_be_enforced_is_refused_by_its_path(schema: dict[str, Any], param: str):
    with pytest.raises(InvalidRequest) as caught:
        family("m3").constraint(ask(say("user", "Hi"), response_format=JsonSchema("x", schema)))
    assert caught.value.param == f"{ROOT}.{param}"


def test_depth_is_bounded():
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(80):
        schema = {"type": "array", "items": schema}
    with pytest.raises(InvalidRequest, match="nested"):
        family("m2").constraint(ask(say("user", "Hi"), response_format=JsonSchema("x", schema)))
    for name in FAMILIES:
        with pytest.raises(InvalidRequest, match="nested"):
            family(name).constraint(ask(say("user", "Hi"), tools=(tool(x=schema),), tool_choice=REQUIRED))


def test_what_only_some_engines_hold_is_left_to_them():
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "a+"}, "b": {"multipleOf": 2}}}
    constraint = family("m2").constraint
    assert constraint(ask(say("user", "Hi"), response_format=JsonSchema("x", schema))) == Schema(schema)
    relaxed = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}
    form = JsonSchema("x", schema, strict=False)
    assert constraint(ask(say("user", "Hi"), response_format=form)) == Schema(relaxed)


def test_without_strict_what_cannot_be_enforced_is_left_out():
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "a+"}}, "minProperties": 1}
    relaxed = {"type": "object", "properties": {"a": {"type": "string"}}}
    form = JsonSchema("x", schema, strict=False)
    assert family("m2").constraint(ask(say("user", "Hi"), response_format=form)) == Schema(relaxed)
    assert grammar("m2", Tool("f", None, schema))
    with pytest.raises(InvalidRequest) as caught:
        grammar("m2", tool("g"), Tool("f", None, schema, strict=True))
    assert caught.value.param == "tools[1].function.parameters.properties.a.pattern"


@pytest.mark.parametrize(
    ("tools", "choice", "param"),
    [
        ((), REQUIRED, "tool_choice"),
        ((tool("f"),), ToolChoice("named", "g"), "tool_choice"),
        ((tool('f"'),), REQUIRED, "tools[0].function.name"),
        ((tool("f", **{"a<b": "string"}),), REQUIRED, "tools[0].function.parameters"),
        ((tool("f", a={"enum": ["[e~["]}),), REQUIRED, "tools[0].function.parameters"),
    ],
)
@pytest.mark.parametrize("name", FAMILIES)
def test_choices_that_cannot_be_made_are_refused(name: str, tools: Any, choice: ToolChoice, param: str):
    with pytest.raises(InvalidRequest) as caught:
        family(name).constraint(ask(say("user", "Hi"), tools=tools, tool_choice=choice))
    assert caught.value.param == param


def test_json_in_a_call_is_compact():
    rules = grammar("m2", tool("f", ["o"], o=PERSON), parallel_tool_calls=False)
    for i in range(30):
        (arguments,) = read(
            family("m2").parser(Prompt("", "closed"), [tool(o=PERSON)]), rules.draw(Random(i), "ab")
        ).calls
        text = arguments[1].removeprefix('{"o": ').removesuffix("}")
        assert len(text) <= len(json.dumps(json.loads(text)))


@pytest.mark.parametrize("name", FAMILIES)
def test_schemas_made_to_blow_up_do_not(name: str):
    circle = {"anyOf": [{"$ref": "#/$defs/a"}] * 3, "allOf": [{"$ref": "#/$defs/a"}] * 3}
    chain = {f"d{i}": {"type": "object", "properties": {"n": {"$ref": f"#/$defs/d{i + 1}"}}} for i in range(900)}
    maps: dict[str, Any] = {"type": "integer"}
    for _ in range(30):
        maps = {"type": "object", "additionalProperties": maps}
    schemas: list[dict[str, Any]] = [
        {"type": "object", "$defs": {"a": circle}, "properties": {"x": {"$ref": "#/$defs/a"}}},
        {"type": "object", "$defs": chain | {"d900": {}}, "properties": {"x": {"$ref": "#/$defs/d0"}}},
        {"type": "object", "properties": {"x": maps}},
    ]
    for schema in schemas:
        made = Tool("f", None, schema)
        assert read(family(name).parser(Prompt("", "closed"), [made]), "hi").content == "hi"
        with suppress(InvalidRequest):
            constraint = family(name).constraint(ask(say("user", "Hi"), tools=(made,), tool_choice=REQUIRED))
            assert isinstance(constraint, Grammar)
            assert len(constraint.text) < 200_000


def test_tools_do_not_share_rules_by_accident():
    """Rules are found by the identity of their schema, which must not be reused while the grammar is written."""
    tools = [tool(f"t{i}", ["a"], a={"type": "array", "items": {"enum": [i]}, "minItems": 1}) for i in range(40)]
    rules, rng = grammar("m2", *tools), Random(3)
    for _ in range(40):
        got = read(family("m2").parser(Prompt("", "closed"), tools), rules.draw(rng, "a"))
        for (called, _), arguments in zip(got.calls, got.arguments, strict=True):
            assert set(arguments["a"]) == {int(called[1:])}
