"""Requests made from the document, right ones and wrong ones, sent to a real server.

Every answer must have a status, a content type and a body that the document tells, and none may be a server's fault.
The requests are the same in every run; MAXSERVE_FUZZ is how many are drawn for each operation (default 12).
"""

from __future__ import annotations

import copy
import os
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

from tests.serving import Served, serving

from .describe import described

COUNT = int(os.environ.get("MAXSERVE_FUZZ", "12"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TOKENS = 6
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "generation": {"max-examples": COUNT, "deterministic": True, "with-security-parameters": False},
        "phases": {"coverage": {"enabled": False}},
    }
)
schema = schemathesis.openapi.from_dict(described(), config=CONFIG)


LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def quick(body: Any) -> None:
    """Ask a model that is there for few tokens, where the request does not ask for something wrong instead."""
    if not isinstance(body, dict):
        return
    if isinstance(body.get("model"), str) and body["model"]:
        body["model"] = ("minimax/m2.7", "MiniMax-M3", "MaaS_MiniMax_M2.7", "nobody")[len(body["model"]) % 4]
    for name in LIMITS:
        if body.get(name) is None or (type(body[name]) is int and body[name] > TOKENS):
            body[name] = TOKENS


def refusal(context: Any, response: Any, case: Any) -> bool | None:
    """Demand that a wrong request is refused: by its status, or where that is always 200 by what the body tells."""
    if case.operation.path.endswith("chatcompletion_v2") and b'"choices":null' in response.content:
        response = copy.copy(response)
        response.status_code = 400
    return negative_data_rejection(context, response, case)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--context", "1024") as running:
        yield running


@schema.include(lambda context: "x-alias-of" not in context.operation.definition.raw).parametrize()
def test_an_operation(case: Any, served: Served) -> None:
    quick(case.body)
    case.call_and_validate(base_url=served.url, checks=[*CHECKS, refusal])
