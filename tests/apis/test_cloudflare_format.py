"""The response format of Cloudflare's requests, in both shapes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudflare import CloudflareChatAdapter, Form, gateway_body, in_path
from maxserve.catalogue import Catalogue
from maxserve.chat import InvalidRequest, JsonSchema, Request

DOOR = CloudflareChatAdapter(Catalogue.load(), Form(in_path, False, gateway_body))
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def read(json_schema: Any) -> Request:
    body = {
        "messages": [{"role": "user", "content": "x"}],
        "response_format": {"type": "json_schema", "json_schema": json_schema},
    }
    context = RequestContext(id="0" * 24, created=1, path={"model": "minimax/m2.7"})
    return DOOR.read(msgspec.json.encode(body), context).request


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "person", "schema": PERSON}, JsonSchema("person", PERSON)),
        ({"name": "person", "schema": PERSON, "strict": False}, JsonSchema("person", PERSON, strict=False)),
        (PERSON, JsonSchema("response", PERSON)),
        ({**PERSON, "title": "person"}, JsonSchema("person", {**PERSON, "title": "person"})),
        ({**PERSON, "description": "One"}, JsonSchema("response", {**PERSON, "description": "One"}, "One")),
        ({"anyOf": [PERSON]}, JsonSchema("response", {"anyOf": [PERSON]})),
    ],
)
def test_named_and_bare_schemas(given: Any, expected: JsonSchema) -> None:
    assert read(given).response_format == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "Required value missing: response_format.json_schema"),
        ({}, "Required value missing: response_format.json_schema.name"),
        ({"name": "person"}, "Required value missing: response_format.json_schema.schema"),
        ({"schema": PERSON}, "Required value missing: response_format.json_schema.name"),
        (
            {"name": 7, "schema": PERSON},
            "Invalid value at response_format.json_schema.name: Invalid input: expected string",
        ),
        (
            {"name": "person", "schema": "x"},
            "Invalid value at response_format.json_schema.schema: Invalid input: expected object, received string",
        ),
    ],
)
def test_what_is_wrong_is_named(given: Any, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(given)
    assert str(caught.value).startswith(message)
