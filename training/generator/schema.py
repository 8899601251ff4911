"""Made-up tools: their JSON schemas, values for them, and how a user would say those values."""

from typing import Any

from training.generator import words
from training.generator.draw import Draw

VERBS = tuple(
    "paint move open close book order send find check start stop count clean build fetch print rent sell weigh mix cut "
    "pack plan save load scan sort track tune update delete create record play pause lock unlock water repair reserve "
    "measure heat cool publish archive export import rename copy share notify schedule cancel assign label".split()
)
NOUNS = tuple(
    "lamp door garden car room table ticket parcel report file user account order invoice photo song video map robot "
    "pump valve sensor camera oven fridge desk boat bike train hotel seat message note task event list record stock "
    "price score team player project branch server cluster job queue key token page shelf box crate engine window "
    "fence roof wall pipe tank plant tree field".split()
)
PARAMS: dict[str, tuple[str, ...]] = {
    "string": tuple(
        "name title city colour owner label topic place street author brand category status reason color region "
        "language target source destination team group model material customer".split()
    ),
    "mail": ("email", "to", "recipient", "contact", "sender"),
    "date": ("date", "day", "start_date", "due_date", "deadline", "from_date"),
    "code": ("id", "code", "order_id", "user_id", "key", "serial", "ref", "sku", "ticket_id", "room_id"),
    "text": ("message", "text", "note", "subject", "query", "body", "comment", "description"),
    "integer": tuple("count amount quantity size level width height limit age number minutes seats priority speed "
                     "year page duration".split()),
    "number": ("price", "weight", "temperature", "rate", "distance", "ratio", "volume", "factor", "length"),
    "boolean": ("urgent", "public", "active", "enabled", "dry_run", "notify", "express", "locked", "verbose", "force"),
    "strings": ("tags", "items", "names", "colours", "cities", "labels", "guests", "topics", "files", "members"),
    "integers": ("numbers", "ids", "values", "pages", "scores", "sizes", "levels"),
    "object": ("options", "position", "config", "settings", "range", "box", "filter", "address"),
    "enum": ("unit", "mode", "kind", "format", "priority_class", "currency", "order_by", "type", "shape"),
}  # fmt: skip
_KINDS = ("string", "string", "string", "mail", "date", "code", "text", "integer", "integer", "integer", "number", "boolean",
          "boolean", "strings", "strings", "integers", "object", "enum")  # fmt: skip
_JSON = {"integer": "integer", "number": "number", "boolean": "boolean", "strings": "array", "integers": "array",
         "object": "object"}  # fmt: skip
_ENUMS = (("celsius", "fahrenheit"), ("fast", "slow"), ("low", "medium", "high"), ("json", "csv", "xml"), ("asc", "desc"),
          ("small", "large"), ("EUR", "USD", "GBP"), ("round", "square", "flat"), ("read", "write"))  # fmt: skip


class Param:
    """One parameter of a tool, or one field of a schema."""

    def __init__(self, draw: Draw, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.choices: tuple[str, ...] = draw.pick(_ENUMS) if kind == "enum" else ()
        if kind == "enum" and draw.chance(0.3):
            self.choices = tuple(draw.made_up() for _ in range(3))
        self.inner = draw.sample(PARAMS["integer"], 2) if kind == "object" else []

    def schema(self, draw: Draw, described: bool) -> dict[str, Any]:
        """Return the JSON schema of this parameter."""
        shape: dict[str, Any] = {"type": _JSON.get(self.kind, "string")}
        if self.kind == "strings":
            shape["items"] = {"type": "string"}
        elif self.kind == "integers":
            shape["items"] = {"type": "integer"}
        elif self.kind == "object":
            shape["properties"] = {name: {"type": "integer"} for name in self.inner}
        elif self.kind == "enum":
            shape["enum"] = list(self.choices)
        if described:
            shape["description"] = draw.pick(("The {}", "The {} to use", "{} to set", "Which {}")).format(
                self.name.replace("_", " ")
            )
        return shape

    def value(self, draw: Draw) -> Any:
        """Draw a value."""
        kind = self.kind
        if kind == "string":
            roll = draw.rng.random()
            if draw.held or roll < 0.5:
                return draw.word() if draw.chance(0.5) else draw.word().capitalize()
            return draw.pick(words.NAMES + words.CITIES + words.COLOURS + words.FOODS)
        if kind == "mail":
            return draw.email()
        if kind == "date":
            return draw.date()
        if kind == "code":
            return draw.code()
        if kind == "text":
            return draw.text()
        if kind == "integer":
            return int(draw.digits(1, 4))
        if kind == "number":
            return float(f"{draw.number(0, 99)}.{draw.number(1, 9)}")
        if kind == "boolean":
            return draw.chance(0.5)
        if kind == "strings":
            return [draw.token() if draw.chance(0.6) else draw.pick(words.NOUNS + words.FOODS) for _ in range(draw.number(2, 3))]
        if kind == "integers":
            return [int(draw.digits(1, 3)) for _ in range(draw.number(2, 4))]
        if kind == "object":
            return {name: int(draw.digits(1, 3)) for name in self.inner}
        return draw.pick(self.choices)

    def spoken(self, draw: Draw, value: Any) -> str:
        """Say a value as a user would."""
        if isinstance(value, bool):
            return draw.pick(("true", "yes", "on") if value else ("false", "no", "off"))
        if isinstance(value, list):
            parts = [str(part) for part in value]
            return ", ".join(parts[:-1]) + draw.pick((" and ", ", ")) + parts[-1]
        if isinstance(value, dict):
            return draw.pick((" and ", ", ")).join(f"{key} {item}" for key, item in value.items())
        if self.kind in ("text", "string") and draw.chance(0.2):
            return f'"{value}"'
        return str(value)


def params(draw: Draw, count: int) -> list[Param]:
    """Draw parameters with different names, some of them made-up words."""
    found: dict[str, Param] = {}
    while len(found) < count:
        kind = draw.pick(_KINDS)
        name = draw.made_up() if draw.chance(0.12) else draw.pick(PARAMS[kind])
        found.setdefault(name, Param(draw, kind, name))
    return list(found.values())


class Tool:
    """A made-up tool with a verb, a noun and up to four parameters."""

    def __init__(self, draw: Draw) -> None:
        self.verb = draw.made_up() if draw.chance(0.15) else draw.pick(VERBS)
        self.noun = draw.made_up() if draw.chance(0.2) else draw.pick(NOUNS)
        style = draw.rng.random()
        if style < 0.75:
            self.name = f"{self.verb}_{self.noun}"
        elif style < 0.88:
            self.name = self.verb + self.noun.capitalize()
        elif style < 0.95:
            self.name = f"{self.noun}_{self.verb}"
        else:
            self.name = f"{self.verb}-{self.noun}"
        self.params = params(draw, draw.pick((1, 1, 1, 2, 2, 2, 2, 3, 3, 4)) if draw.chance(0.95) else 0)
        self.required = [p for p in self.params if draw.chance(0.8)] or self.params[:1]

    def schema(self, draw: Draw) -> dict[str, Any]:
        """Return the tool in OpenAI's form."""
        described = draw.chance(0.15)
        shape: dict[str, Any] = {
            "type": "object",
            "properties": {p.name: p.schema(draw, described) for p in self.params},
            "required": [p.name for p in self.required],
        }
        if draw.chance(0.05):
            shape["additionalProperties"] = False
        function: dict[str, Any] = {"name": self.name}
        if draw.chance(0.95):
            function["description"] = draw.pick(("{v} a {n}.", "{v} the {n}", "{v} a {n} for the user", "Used to {w} the {n}.")).format(
                v=self.verb.capitalize(), n=self.noun, w=self.verb
            )
        return {"type": "function", "function": {**function, "parameters": shape}}

    def request(self, draw: Draw) -> tuple[str, dict[str, Any]]:
        """Draw arguments and return how a user asks for them, with the arguments in the order of the schema."""
        chosen = [p for p in self.params if p in self.required or draw.chance(0.5)]
        arguments = {p.name: p.value(draw) for p in chosen}
        said = list(chosen)
        if draw.chance(0.4):
            draw.rng.shuffle(said)
        form = draw.pick(("{p} {v}", "{p}: {v}", "{p} = {v}", "{p} is {v}", "the {p} is {v}", "{p} {v}"))
        parts = [
            form.format(p=p.name.replace("_", " ") if draw.chance(0.6) else p.name, v=p.spoken(draw, arguments[p.name]))
            for p in said
        ]
        head = draw.phrase(
            ("{V} the {n}", "Please {v} the {n}", "Can you {v} the {n}", "{V} a {n}", "I want you to {v} the {n}",
             "Please {v} a {n}", "Could you {v} the {n}", "I need to {v} a {n}", "{v} {n}", "Go and {v} the {n}",
             "Help me {v} the {n}", "Now {v} the {n}")
        ).format(V=self.verb.capitalize(), v=self.verb, n=self.noun)  # fmt: skip
        if not parts:
            return head + draw.pick((".", ".", "", "!")), arguments
        joint = draw.pick((" with ", ", ", ": ", " using ", ", where "))
        return head + joint + draw.pick((", ", " and ", "; ", ", ")).join(parts) + draw.pick((".", ".", "", "!")), arguments
