"""Every way to fail has its place in Anthropic's table of errors."""

from __future__ import annotations

import json

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.anthropic import error_body, error_event, id_headers
from maxserve.apis.anthropic.errors import ThreadsUnsupported
from maxserve.chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    InternalError,
    InvalidRequest,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

ARRIVAL = RequestContext("0123456789abcdef01234567", 0)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (InvalidRequest("x", param="top_p"), 400, "invalid_request_error"),
        (Unsupported("x"), 400, "invalid_request_error"),
        (ContextOverflow("x"), 400, "invalid_request_error"),
        (Unauthorized("x"), 401, "authentication_error"),
        (Forbidden("x"), 403, "permission_error"),
        (UnknownModel("x"), 404, "not_found_error"),
        (NotFound("x"), 404, "not_found_error"),
        (BodyTooLarge("x"), 413, "request_too_large"),
        (RateLimited("x"), 429, "rate_limit_error"),
        (InternalError("x"), 500, "api_error"),
        (EngineCrashed("x"), 500, "api_error"),
        (EngineTimeout("x"), 504, "timeout_error"),
        (Overloaded("x"), 529, "overloaded_error"),
        (EngineUnavailable("x"), 529, "overloaded_error"),
    ],
)
def test_errors(error: Error, status: int, kind: str) -> None:
    got, body = error_body(error, ARRIVAL)
    assert got == status
    assert json.loads(body) == {
        "type": "error",
        "error": {"type": kind, "message": "x"},
        "request_id": "req_0123456789abcdef01234567",
    }
    assert error_event(error, ARRIVAL) == b"event: error\ndata: " + body + b"\n\n"
    assert id_headers(ARRIVAL) == [(b"request-id", b"req_0123456789abcdef01234567")]


def test_every_error_class_has_a_place() -> None:
    def classes(root: type[Error]) -> list[type[Error]]:
        return [root, *(kind for child in root.__subclasses__() for kind in classes(child))]

    for kind in classes(Error):
        error = kind.__new__(kind)
        Error.__init__(error, "x")
        status, _ = error_body(error, ARRIVAL)
        assert (400 <= status < 500) == issubclass(kind, RequestError)


def test_fields_are_named_as_this_api_names_them() -> None:
    error = InvalidRequest("tools[0].function.parameters.properties.a must be a JSON schema (an object).")
    assert "tools[0].input_schema.properties.a must" in json.loads(error_body(error, ARRIVAL)[1])["error"]["message"]


def test_a_conversation_that_should_be_kept_is_refused_by_the_code_that_clients_know() -> None:
    status, body = error_body(ThreadsUnsupported(), ARRIVAL)
    assert status == 400
    error = json.loads(body)["error"]
    assert (error["type"], error["details"]) == ("invalid_request_error", {"error_code": "thread_unsupported_request"})
