"""The document is valid, complete, and says of requests what the structs that read them say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from maxserve.chat import (
    EngineError,
    Error,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    RequestError,
    Sensitive,
    SensitiveAnswer,
    ServerError,
    SpendLimited,
    StorageUnavailable,
)
from maxserve.config.settings import AuthSettings, ChatSettings, CloudswaySettings
from maxserve.openapi import document, encoded
from maxserve.openapi.faults import GENERATING
from maxserve.server import app, create_state
from maxserve.server.runware import PATHS

from .describe import configured, described, doors_of, validator

MANAGED = ("/client/v4/user", "/client/v4/accounts/{account}/ai/models", "/client/v4/accounts/{account}/ai/authors",
           "/client/v4/accounts/{account}/ai/tasks", "/client/v4/accounts/{account}/ai/v1/models",
           "/client/v4/accounts/{account}/ai-gateway", "/ai-gateway/gateways", "/ai-api")  # fmt: skip
PAGES = {"GET /", "GET /docs"}
"""What is for people, and left out of the document."""


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in described()["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(described()).iter_errors()] == []


def test_every_route_is_described_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    routes: list[Any] = []
    monkeypatch.setattr(app, "Starlette", lambda **more: routes.extend(more["routes"]))
    app.create_app(create_state(configured()))
    found: set[str] = set()
    answered: set[str] = set()
    for route in routes:
        assert isinstance(route, Route)
        path = re.sub(r":\w+\}", "}", route.path)
        methods = {f"{method} {path}" for method in route.methods or () if method != "HEAD"} - PAGES
        if route.path.removeprefix("/cloudflare").startswith(MANAGED):
            answered |= methods  # they take every method, to refuse it in their own form
        else:
            found |= methods
    told = {name for name, _ in operations()}
    assert told - answered == found - answered
    assert {name.partition(" ")[2] for name in told & answered} == {name.partition(" ")[2] for name in answered}


def test_paths_that_take_websockets_say_so() -> None:
    told = {name.partition(" ")[2] for name, operation in operations() if operation.get("x-websocket")}
    assert told == set(PATHS)


def test_webhooks_are_what_the_schema_says() -> None:
    """As a receiver gets them: a result, or an error."""
    media = described()["webhooks"]["runwareResult"]["post"]["requestBody"]["content"]["application/json"]
    item = {"taskType": "textInference", "taskUUID": "0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c11"}
    result = {**item, "text": "Rain…", "finishReason": "stop", "seed": 1}
    error = {**item, "code": "inferenceError", "message": "It failed.", "status": "error"}
    assert validator(media["schema"]).is_valid(result)
    assert validator(media["schema"]).is_valid(error)
    assert not validator(media["schema"]).is_valid({"data": [result]})


def test_the_same_configuration_gives_the_same_bytes() -> None:
    config = configured()
    assert encoded(document(config, doors_of(config))) == encoded(described())


def test_names_are_unique_and_every_schema_is_used() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(ids) == len(set(ids))
    text = encoded(described()).decode()
    for name in described()["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text, name


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object of every request: its name, and a field's name and schema."""
    schemas = described()["components"]["schemas"]
    seen: set[str] = set()
    waiting = [str(operation["requestBody"]) for _, operation in operations() if "requestBody" in operation]
    while waiting:
        for name in re.findall(r"#/components/schemas/(\w+)", waiting.pop()):
            if name not in seen:
                seen.add(name)
                waiting.append(str(schemas[name]))
    for name in sorted(seen):
        for field, schema in schemas[name]["properties"].items():
            yield name, field, schema


def test_every_optional_field_may_be_null() -> None:
    schemas = described()["components"]["schemas"]
    for name, field, schema in bodies():
        if field not in schemas[name].get("required", ()):
            assert validator(schema).is_valid(None), f"{name}.{field} may be absent, but not null"


def test_every_field_of_a_request_is_told() -> None:
    for name, field, schema in bodies():
        assert schema.get("description") or field == "type", f"nothing is said of {name}.{field}"


def examples() -> Iterator[Any]:
    for name, operation in operations():
        media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for title, example in media.get("examples", {}).items():
            yield pytest.param(media["schema"], example["value"], id=f"{name} {title}")


@pytest.mark.parametrize(("schema", "value"), [*examples()])
def test_examples_are_what_the_schema_says(schema: dict[str, Any], value: Any) -> None:
    assert [error.message for error in validator(schema).iter_errors(value)] == []


def test_error_examples_are_what_the_schema_says() -> None:
    count = 0
    for name, operation in operations():
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                for title, example in media.get("examples", {}).items():
                    count += 1
                    assert validator(media["schema"]).is_valid(example["value"]), f"{name} {status} {title}"
    assert count > 100


def test_limits_come_from_the_rules() -> None:
    schemas = described()["components"]["schemas"]
    assert schemas["ChatRequest"]["properties"]["temperature"]["maximum"] == 2
    assert schemas["CloudswayChatRequest"]["properties"]["temperature"]["exclusiveMinimum"] == 0
    assert schemas["CloudswayChatRequest"]["properties"]["temperature"]["maximum"] == 1
    assert schemas["CloudswayChatRequest"]["properties"]["n"]["maximum"] == 1


def test_the_configuration_shows() -> None:
    config = configured(
        auth=AuthSettings(keys=("secret-key",)),
        chat=ChatSettings(flavour="minimax"),
        cloudsway=CloudswaySettings(endpoints={"abc": "MiniMax-M2.7"}, max_output=2048),
    )
    told = document(config, doors_of(config))
    assert {} not in told["security"]
    assert {} in described()["security"]
    schemas = told["components"]["schemas"]
    assert "model" in schemas["CloudswayChatRequest"]["required"]
    assert "model" not in schemas["CloudswayEndpointChatRequest"]["required"]
    assert schemas["CloudswayChatRequest"]["properties"]["max_tokens"]["maximum"] == 2048
    answer = told["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/MinimaxCompletion"}
    assert b"secret-key" not in msgspec.json.encode(told)


def leaves(kind: type[Error]) -> set[type[Error]]:
    below = [kind_ for kind_ in kind.__subclasses__() if kind_.__module__ == Error.__module__]
    return {kind}.union(*map(leaves, below)) if below else {kind}


def test_every_kind_of_error_is_told() -> None:
    """What is left out here cannot come where a model answers, or only on some paths that tell of it themselves."""
    bases = {Error, RequestError, ServerError, EngineError, Sensitive}
    elsewhere = {NotFound, MethodNotAllowed, Forbidden, SpendLimited, SensitiveAnswer, StorageUnavailable}
    assert {type(error) for error in GENERATING} == leaves(Error) - bases - elsewhere
