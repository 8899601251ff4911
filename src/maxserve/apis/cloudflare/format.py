"""The response format in both shapes that clients send (docs/wire/cloudflare.md §2.1, §10, §12)."""

from __future__ import annotations

import msgspec

from ..openai_chat import wire as shared
from . import wire
from .decode_errors import malformed, missing

_KEYWORDS = frozenset({"type", "properties", "$schema", "$ref", "anyOf", "oneOf", "allOf", "enum"})


def read_format(asked: wire.Format, prefix: str = "") -> shared.Format:
    """Return the shared struct; raises `Malformed`, with `prefix` before the field's path.

    MiniMax's schema has the name beside the JSON schema. The vendor's own AI SDK provider sends the JSON schema alone,
    with the name as its title: so Workers AI's other models want it.
    """
    given, at = asked.json_schema, f"{prefix}response_format.json_schema"
    if given is None:
        if asked.type == "json_schema":
            raise missing(at)
        return shared.Format(asked.type)
    if "schema" not in given and not _KEYWORDS.isdisjoint(given):
        title, description = given.get("title"), given.get("description")
        name = title if isinstance(title, str) and title else "response"
        told = description if isinstance(description, str) else None
        return shared.Format(asked.type, shared.Schema(name, given, told))
    try:
        schema = msgspec.convert(given, shared.Schema)
    except msgspec.ValidationError as error:
        raise malformed(error, at) from None
    if schema.schema is None:
        raise missing(f"{at}.schema")
    return shared.Format(asked.type, schema)
