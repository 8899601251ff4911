"""Requests made from the document, right ones and wrong ones, sent to a real server.

Every answer must have a status, a content type and a body that the document tells; none may be a server's fault, and
what the document forbids must be refused. The requests are the same in every run. MAXSERVE_FUZZ is how many are drawn
for each operation; with it everything is tried for every operation, also where several share one way of reading.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.serving import Served, serving

from .describe import described

THOROUGH = "MAXSERVE_FUZZ" in os.environ
COUNT = int(os.environ.get("MAXSERVE_FUZZ", "3"))
LEADING = {
    "createChatCompletion", "createMessage", "createResponse", "createCompletion", "listAnthropicModels", "runTasks",
    "listTasks", "enableWebhookEndpoint",
}  # fmt: skip
"""One operation for each way of reading."""
TOKENS = 6
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def requests(*, coverage: bool) -> Any:
    """Return the document as a source of requests: of all kinds that there are, or of drawn ones and its examples."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "generation": {"max-examples": COUNT, "deterministic": True, "with-security-parameters": False},
            "phases": {
                "coverage": {"enabled": coverage},
                "fuzzing": {"enabled": not coverage},
                "examples": {"enabled": not coverage},
            },
        }
    )
    schema = schemathesis.openapi.from_dict(described(), config=config)
    if coverage and not THOROUGH:
        return schema.include(lambda context: context.operation.definition.raw["operationId"] in LEADING)
    return schema.include(lambda context: THOROUGH or "x-alias-of" not in context.operation.definition.raw)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--context", "1024") as running:
        yield running


@requests(coverage=True).parametrize()
def test_each_kind_of_request(case: Any, served: Served) -> None:
    send(case, served)


@requests(coverage=False).parametrize()
def test_drawn_requests(case: Any, served: Served) -> None:
    send(case, served)


def send(case: Any, served: Served) -> None:
    quick(case.body)
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        refusal,
    ]
    case.call_and_validate(base_url=served.url, checks=checks)


def quick(body: Any) -> None:
    """Ask a model that is there for few tokens, where the request does not ask for something wrong instead."""
    if isinstance(body, list):
        for task in body:
            quick_task(task)
    if not isinstance(body, dict):
        return
    if isinstance(body.get("model"), str) and body["model"]:
        body["model"] = ("minimax/m2.7", "MiniMax-M3", "MaaS_MiniMax_M2.7", "nobody")[len(body["model"]) % 4]
    for name in LIMITS:
        if body.get(name) is None or (type(body[name]) is int and TOKENS < body[name] < 2**53):
            body[name] = TOKENS


def quick_task(task: Any) -> None:
    """The same for one of Runware's tasks; nobody is called who is only made up."""
    if not isinstance(task, dict) or task.get("taskType") != "textInference":
        return
    if isinstance(task.get("model"), str) and task["model"]:
        task["model"] = ("minimax:m2.7@0", "minimax-m3", "MiniMax-M3", "nobody")[len(task["model"]) % 4]
    if isinstance(task.get("webhookURL"), str) and re.match("https?://", task["webhookURL"], re.IGNORECASE):
        task["webhookURL"] = None
    settings = task.setdefault("settings", {})
    for place in (task, settings) if isinstance(settings, dict) else ():
        limit = place.get("maxTokens")
        if (limit is None and place is settings) or (type(limit) is int and TOKENS < limit < 2**53):
            place["maxTokens"] = TOKENS


def refusal(context: Any, response: Any, case: Any) -> bool | None:
    """Demand that a wrong request is refused: by its status, or where that may be 200 by what the body tells."""
    told = {"createMinimaxNativeCompletion": b'"choices":null', "runTasks": b'"errors":['}
    sign = told.get(case.operation.definition.raw["operationId"].rstrip("234"))
    if sign is not None and sign in response.content:
        response = copy.copy(response)
        response.status_code = 400
    refused: bool | None = negative_data_rejection(context, response, case)
    return refused
