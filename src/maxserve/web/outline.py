"""Reads the OpenAPI document into what the page shows: groups of operations, their fields and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec


class FieldRow(NamedTuple):
    """A field and what it holds: `kind` is its type in words, `limits` what may be in it, `within` its own fields."""

    name: str
    kind: str
    required: bool
    default: str | None
    limits: tuple[str, ...]
    text: str
    within: tuple[Shape, ...]


class Shape(NamedTuple):
    """An object: a name where there are several to choose from, what it is, and its fields."""

    name: str
    text: str
    fields: tuple[FieldRow, ...]


class Before(NamedTuple):
    """An operation that was shown before."""

    id: str
    method: str
    path: str


class Answer(NamedTuple):
    """One status of an operation, with examples by name and the shapes of its bodies.

    An error that one `before` has in the same words is not shown again.
    """

    status: str
    phrase: str
    text: str
    kinds: tuple[str, ...]
    shapes: tuple[Shape, ...]
    examples: tuple[tuple[str, Any], ...]
    before: Before | None = None


class Shown(NamedTuple):
    """One operation. Where its body or its answers are those of one `before`, they are not shown again.

    `sent` is what the server asks of others: a webhook.
    """

    id: str
    method: str
    path: str
    aliases: tuple[str, ...]
    summary: str
    text: str
    parameters: tuple[FieldRow, ...]
    variables: dict[str, str]
    body: tuple[Shape, ...]
    examples: tuple[tuple[str, Any], ...]
    answers: tuple[Answer, ...]
    open: bool
    body_before: Before | None
    answers_before: Before | None
    sent: bool = False


class Group(NamedTuple):
    """One API."""

    name: str
    anchor: str
    text: str
    operations: list[Shown]


def groups(document: Mapping[str, Any]) -> list[Group]:
    """Return the APIs in the document's order."""
    reader = _Reader(document["components"]["schemas"])
    found = {
        tag["name"]: Group(tag["name"], f"api-{tag['name'].lower()}", tag["description"], [])
        for tag in document["tags"]
    }
    aliases: dict[str, list[str]] = {}
    for path, method, operation in _operations(document):
        if "x-alias-of" in operation:
            aliases.setdefault(f"{method} {operation['x-alias-of']}", []).append(path)
    for path, method, operation in _operations(document):
        if "x-alias-of" not in operation:
            others = tuple(aliases.get(f"{method} {path}", ()))
            found[operation["tags"][0]].operations.append(reader.operation(path, method, operation, others))
    for _, method, operation in _operations(document, "webhooks"):
        shown = reader.operation("webhookURL", method, operation, ())
        found[operation["tags"][0]].operations.append(shown._replace(sent=True))
    return list(found.values())


def _operations(document: Mapping[str, Any], of: str = "paths") -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document.get(of, {}).items():
        for method, operation in item.items():
            yield path, method, operation


class _Reader:
    """Reads schemas with the references of one document. What an operation has shown once it does not show again."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._told: set[str] = set()
        self._before: dict[bytes, Before] = {}

    def operation(self, path: str, method: str, operation: dict[str, Any], aliases: tuple[str, ...]) -> Shown:
        self._told = set()
        media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        parameters = operation.get("parameters", ())
        here = Before(operation["operationId"], method.upper(), path)
        body, answers = media.get("schema", {}), operation["responses"]
        body_before = self._earlier(body, here) if body else None
        answers_before = self._earlier(answers, here)
        return Shown(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            aliases=aliases,
            summary=operation["summary"],
            text=operation["description"],
            parameters=tuple(
                self._row(
                    parameter["name"],
                    parameter["schema"] | {"description": parameter["description"]},
                    parameter.get("required", False),
                )
                for parameter in parameters
            ),
            variables={one["name"]: one["example"] for one in parameters if one["in"] == "path"},
            body=() if body_before else self.shapes(body),
            examples=tuple((one["summary"], one["value"]) for one in media.get("examples", {}).values()),
            answers=() if answers_before else tuple(self._answer(status, one, here) for status, one in answers.items()),
            open=operation.get("security") == [],
            body_before=body_before,
            answers_before=answers_before,
        )

    def _earlier(self, told: dict[str, Any], here: Before) -> Before | None:
        """Return the operation that told the same before, None where this is the first."""
        found = self._before.setdefault(msgspec.json.encode(told), here)
        return None if found is here else found

    def _answer(self, status: str, response: dict[str, Any], here: Before) -> Answer:
        content = response.get("content", {})
        wrong = status[0] > "3"
        shapes: list[Shape] = []
        examples: list[tuple[str, Any]] = []
        for kind, media in content.items():
            examples += [(name, one["value"]) for name, one in media.get("examples", {}).items()]
            if wrong:
                continue  # the examples say it all
            found = self._frames(media["schema"]) if kind == "text/event-stream" else self.shapes(media["schema"])
            shapes += found
        phrase = HTTPStatus(int(status)).phrase if status in _STATUSES else ""
        before = self._earlier(response, here) if wrong and content else None
        return Answer(status, phrase, response["description"], tuple(content), tuple(shapes), tuple(examples), before)

    def _frames(self, event: dict[str, Any]) -> tuple[Shape, ...]:
        """The payloads of a stream's events."""
        data = event["properties"]["data"]
        choices = [choice for choice in data.get("anyOf", [data]) if "contentSchema" in choice]
        return tuple(shape for choice in choices for shape in self.shapes(choice["contentSchema"]))

    def shapes(self, schema: dict[str, Any]) -> tuple[Shape, ...]:
        """Return the objects that a value may be or hold, each with its fields."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in self._told:
                return ()
            self._told.add(name)
            return self.shapes(self._schemas[name])
        if "anyOf" in schema or "oneOf" in schema:
            choices = schema.get("anyOf") or schema["oneOf"]
            return tuple(shape for choice in choices for shape in self.shapes(choice))
        if "items" in schema and isinstance(schema["items"], dict):
            return self.shapes(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            return self.shapes(schema["additionalProperties"])
        if not schema.get("properties"):
            return ()
        required = schema.get("required", ())
        fields = tuple(self._row(name, one, name in required) for name, one in schema["properties"].items())
        return (Shape(schema.get("title", ""), schema.get("description", ""), fields),)

    def _row(self, name: str, schema: dict[str, Any], required: bool) -> FieldRow:
        default = schema.get("default", msgspec.UNSET)
        return FieldRow(
            name=name,
            kind=self._kind(schema),
            required=required,
            default=None if default is msgspec.UNSET else _literal(default),
            limits=tuple(dict.fromkeys(self._limits(schema))),
            text=schema.get("description", ""),
            within=self.shapes(schema),
        )

    def _kind(self, schema: dict[str, Any]) -> str:
        if "$ref" in schema:
            target = self._schemas[schema["$ref"].rpartition("/")[2]]
            return self._kind(target)
        if "anyOf" in schema or "oneOf" in schema:
            kinds = [self._kind(choice) for choice in schema.get("anyOf") or schema["oneOf"]]
            return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null")) or "null"
        types = schema.get("type", "string" if "enum" in schema else "anything")
        names = [types] if isinstance(types, str) else [one for one in types if one != "null"]
        if names == ["array"] and isinstance(schema.get("items"), dict):
            return f"list of {_plural(self._kind(schema['items']))}"
        return " or ".join(names)

    def _limits(self, schema: dict[str, Any]) -> Iterator[str]:
        for choice in schema.get("anyOf", ()):
            yield from self._limits(choice)
        if isinstance(schema.get("items"), dict):
            yield from self._limits(schema["items"])
        if "enum" in schema:
            yield " ".join(_literal(value) for value in schema["enum"] if value is not None)
        if "const" in schema:
            yield _literal(schema["const"])
        low, above, high = schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")
        if abs(high or 0) > 2**53:
            low = high = None  # any integer that a client can write
        if above is not None:
            yield f"above {above:g}" + ("" if high is None else f", at most {high:,}")
        elif low is not None and high is not None:
            yield f"{low:,} to {high:,}"
        elif low is not None:
            yield f"{low:,} or more"
        elif high is not None:
            yield f"at most {high:,}"
        for key, unit in (("maxItems", "items"), ("maxLength", "characters")):
            if key in schema:
                yield f"at most {schema[key]:,} {unit}"


_STATUSES = {str(status.value) for status in HTTPStatus}


def _literal(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plural(kind: str) -> str:
    if " " in kind:
        return kind
    return kind if kind.endswith("s") or kind == "anything" else f"{kind}s"
