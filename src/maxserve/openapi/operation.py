"""What one API adds to the document: operations, each under its paths."""

from __future__ import annotations

from typing import Any

import msgspec


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked for.

    `id` is its name in generated clients. `paths` are all that lead to it, the one to use first. `body` is the schema
    of the request, `examples` bodies that work, by what they show. `responses` go by status. `open` needs no key;
    `keyless` takes one in the body, too. `socket` takes WebSockets at the same paths.
    """

    id: str
    method: str
    paths: tuple[str, ...]
    summary: str
    text: str
    responses: dict[str, Any]
    parameters: tuple[dict[str, Any], ...] = ()
    body: dict[str, Any] | None = None
    examples: dict[str, Any] = {}
    open: bool = False
    keyless: bool = False
    socket: bool = False

    def document(self, tag: str) -> dict[str, dict[str, Any]]:
        """Return the path items: the same operation under each path, later ones as aliases of the first."""
        found: dict[str, dict[str, Any]] = {}
        for number, path in enumerate(self.paths):
            operation: dict[str, Any] = {
                "tags": [tag],
                "operationId": self.id if not number else f"{self.id}{number + 1}",
                "summary": self.summary,
                "description": self.text,
            }
            if number:
                operation["x-alias-of"] = self.paths[0]
            if self.parameters:
                operation["parameters"] = list(self.parameters)
            if self.body is not None:
                media: dict[str, Any] = {"schema": self.body}
                if self.examples:
                    media["examples"] = {
                        _key(title): {"summary": title, "value": value} for title, value in self.examples.items()
                    }
                operation["requestBody"] = {"required": True, "content": {"application/json": media}}
            operation["responses"] = self.responses
            if self.open:
                operation["security"] = []
            if self.keyless:
                operation["security"] = [{"bearer": []}, {}]
            if self.socket:
                operation["x-websocket"] = True
            found[path] = {self.method: operation}
        return found


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One API: its name, what it is, its operations, and what it sends by itself."""

    name: str
    text: str
    operations: tuple[Operation, ...]
    webhooks: tuple[Operation, ...] = ()


def path_parameter(name: str, text: str, example: str) -> dict[str, Any]:
    """Return a variable of a path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _key(title: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())
