"""Filling a JSON schema from a sentence, as structured output asks for it."""

import json
from typing import Any

from training.generator import words
from training.generator.draw import Draw
from training.generator.forms import form, question
from training.generator.item import Item
from training.generator.schema import Param, params

SCHEMA_TEXT = "Answer with one JSON object that matches this JSON schema:\n{schema}"
OBJECT_TEXT = "Answer with one JSON object."
ASK = ("Extract the data: {x}", "{x}", "{x}", "Extract: {x}", "Text: {x}", "Turn this into JSON: {x}", "Fill in the form. {x}",
       "Please extract the fields. {x}", "Read this and give me the data: {x}", "What are the details? {x}",
       "{x} Give me this as JSON.", "Parse this: {x}")  # fmt: skip

_PEOPLE = (
    ("name", "string", ("{v}", "This is {v}", "My name is {v}", "{v} is here", "I am {v}")),
    ("age", "integer", ("{v} years old", "is {v} years old", "aged {v}", "age {v}")),
    ("city", "string", ("lives in {v}", "from {v}", "living in {v}", "based in {v}")),
    ("email", "mail", ("can be reached at {v}", "email {v}", "writes from {v}")),
    ("job", "string", ("works as a {v}", "is a {v}", "job: {v}")),
    ("birthday", "date", ("born on {v}", "birthday {v}")),
    ("member", "boolean", ()),
)
_ORDER = (
    ("product", "string", ("ordered {v}", "bought {v}", "wants {v}", "product {v}")),
    ("quantity", "integer", ("{v} pieces", "quantity {v}", "{v} of them")),
    ("price", "number", ("for {v} euros", "at {v} each", "price {v}", "costs {v}")),
    ("customer", "string", ("by {v}", "customer {v}", "for {v}")),
    ("date", "date", ("on {v}", "date {v}")),
    ("order_id", "code", ("order {v}", "number {v}", "order id {v}")),
    ("paid", "boolean", ()),
)
_EVENT = (
    ("title", "string", ("{v}", "the event {v}", "the {v} meeting")),
    ("date", "date", ("on {v}", "takes place on {v}")),
    ("place", "string", ("in {v}", "at {v}", "held in {v}")),
    ("guests", "strings", ("with {v}", "guests are {v}", "{v} will come")),
    ("seats", "integer", ("{v} seats", "room for {v}")),
)


def _person_sentence(draw: Draw) -> tuple[list[Param], dict[str, Any], str]:
    """Describe one of three everyday things in a sentence."""
    table = draw.pick((_PEOPLE, _PEOPLE, _ORDER, _EVENT))
    chosen = [row for row in table if draw.chance(0.6)]
    if len(chosen) < 2:
        chosen = list(table[:2])
    shape, values, parts = [], {}, []
    for name, kind, forms in chosen:
        field = Param(draw, kind, name)
        value: Any
        if name in ("name", "customer"):
            value = draw.name()
        elif name in ("city", "place"):
            value = draw.city()
        elif name == "age":
            value = draw.number(1, 99)
        elif name == "job":
            value = draw.word() if draw.held or draw.chance(0.5) else draw.pick(("baker", "pilot", "nurse", "teacher", "cook", "lawyer"))
        elif name == "guests":
            value = [draw.proper() for _ in range(draw.number(2, 3))]
        else:
            value = field.value(draw)
        shape.append(field)
        values[name] = value
        if kind == "boolean":
            parts.append(draw.pick((f"{name}: {{}}", f"{name} {{}}", f"is {name}: {{}}")).format("yes" if value else "no"))
        else:
            said = ", ".join(value[:-1]) + " and " + value[-1] if isinstance(value, list) else str(value)
            parts.append(draw.pick(forms).format(v=said))
    if draw.chance(0.3) and chosen[0][0] != "name":
        draw.rng.shuffle(parts)
    text = draw.pick((", ", ", ", "; ", " and ")).join(parts)
    return shape, values, text[0].upper() + text[1:] + draw.pick((".", ".", ""))


def _listed(draw: Draw) -> tuple[list[Param], dict[str, Any], str]:
    """Describe random fields one after the other."""
    shape = params(draw, draw.number(1, 5))
    values = {p.name: p.value(draw) for p in shape}
    said = list(shape)
    if draw.chance(0.5):
        draw.rng.shuffle(said)
    form = draw.pick(("{p}: {v}", "{p} is {v}", "the {p} is {v}", "{p} = {v}", "{p} {v}"))
    parts = [form.format(p=p.name.replace("_", " "), v=p.spoken(draw, values[p.name])) for p in said]
    lead = draw.pick(("", "", f"{draw.pick(words.NAMES)} wrote: ", "Form: ", "Note: "))
    return shape, values, lead + draw.pick((", ", "; ", ". ", "\n", " and ")).join(parts) + draw.pick((".", ""))


def extraction(draw: Draw) -> Item:
    """Ask for the fields of a schema out of a text."""
    roll = draw.rng.random()
    if roll < 0.35:
        properties, values, text = form(draw)
    else:
        shape, values, text = _person_sentence(draw) if roll < 0.7 else _listed(draw)
        properties = {p.name: p.schema(draw, draw.chance(0.06)) for p in shape}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if draw.chance(0.9):
        schema["required"] = list(properties)
    if draw.chance(0.35):
        schema["additionalProperties"] = False
    if draw.chance(0.1):
        # As Pydantic writes it.
        shaped = {name: {"title": name.replace("_", " ").title(), **shape} for name, shape in properties.items()}
        schema = {"properties": shaped, "required": list(shaped), "title": draw.pick(("Data", "Answer", "Event", "Item")), "type": "object"}
    system = _before(draw) + SCHEMA_TEXT.format(schema=json.dumps(schema, ensure_ascii=False, separators=(",", ":")))
    thought = ", ".join(f"{name} = {_plain(value)}" for name, value in values.items())
    answer = json.dumps(values, ensure_ascii=False)
    user = draw.phrase(ASK).format(x=text)
    return Item(user, thought, answer, hard=True, system=system, check={"json": values, "schema": schema}, plain=True)


def free_object(draw: Draw) -> Item:
    """Ask for a JSON object without a schema; its keys are in the request."""
    if draw.chance(0.25):
        _, values, said = question(draw)
        if len(values) == 2:
            country = values["country"]
            user = draw.phrase(('Return JSON with the keys "country" and "capital" for {x}.', "country and capital of {x} as JSON",
                                "Give me a JSON object with country and capital for {x}.", "JSON with country, capital: {x}")).format(x=country)  # fmt: skip
            thought = ", ".join(f"{name} = {_plain(value)}" for name, value in values.items())
            return Item(user, thought, json.dumps(values, ensure_ascii=False), hard=True, system=_before(draw) + OBJECT_TEXT, check={"json": values}, plain=True)
    shape = params(draw, draw.number(1, 3))
    values = {p.name: p.value(draw) for p in shape}
    form = draw.pick(("{p}: {v}", "{p} = {v}", "{p} {v}", "{p} is {v}"))
    said = draw.pick((", ", " and ", "; ")).join(form.format(p=p.name, v=p.spoken(draw, values[p.name])) for p in shape)
    user = draw.phrase(("Give me JSON with {x}.", "Make a JSON object with {x}.", "JSON please: {x}", "Write as JSON: {x}",
                        "An object with {x}", "Return {x} as JSON.")).format(x=said)  # fmt: skip
    thought = ", ".join(f"{name} = {_plain(value)}" for name, value in values.items())
    return Item(user, thought, json.dumps(values, ensure_ascii=False), hard=True, system=_before(draw) + OBJECT_TEXT, check={"json": values}, plain=True)


def _before(draw: Draw) -> str:
    """Return the system text that the service's own sentence follows."""
    if draw.chance(0.75):
        return "You are a helpful assistant.\n\n"
    return draw.pick(("Extract the data.", "You extract data from text.", "Be precise.", "You are a form reader.", "Return JSON only.",
                      "Extract the event information.")) + "\n\n"  # fmt: skip


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
