"""Every error has a place in both of MiniMax's forms, and a server's fault never looks like the client's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.minimax import MinimaxChatAdapter, MinimaxNativeAdapter, trace_id
from maxserve.chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    SensitiveAnswer,
    SensitivePrompt,
    ServerError,
    SpendLimited,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

ARRIVAL = RequestContext("ab" * 12, 1780336093)
CHAT, NATIVE = MinimaxChatAdapter(), MinimaxNativeAdapter()
INVALID = "invalid params, "
TABLE: list[tuple[type[Error], int, str, int, str]] = [
    (Unauthorized, 401, "authorized_error", 1004, "login fail: "),
    (Forbidden, 403, "permission_error", 1004, ""),
    (RateLimited, 429, "rate_limit_error", 1002, "rate limit: "),
    (SpendLimited, 429, "rate_limit_error", 2056, "usage limit exceeded: "),
    (UnknownModel, 400, "bad_request_error", 2013, "invalid params, unknown model: "),
    (ContextOverflow, 400, "bad_request_error", 2013, "invalid params, context window exceeds limit: "),
    (NotFound, 404, "not_found_error", 2013, ""),
    (MethodNotAllowed, 405, "bad_request_error", 2013, ""),
    (BodyTooLarge, 413, "bad_request_error", 2013, INVALID),
    (InvalidRequest, 400, "bad_request_error", 2013, INVALID),
    (Unsupported, 400, "bad_request_error", 2013, INVALID),
    (Sensitive, 400, "bad_request_error", 2013, INVALID),
    (RequestError, 400, "bad_request_error", 2013, INVALID),
    (Overloaded, 529, "overloaded_error", 2064, "high load: "),
    (EngineTimeout, 504, "server_error", 1001, ""),
    (EngineUnavailable, 503, "server_error", 1013, ""),
    (EngineCrashed, 502, "server_error", 1013, ""),
    (EngineRefused, 502, "server_error", 1013, ""),
    (EngineError, 502, "server_error", 1013, ""),
    (StorageUnavailable, 503, "server_error", 1013, ""),
    (ModerationUnavailable, 503, "server_error", 1013, ""),
    (InternalError, 500, "server_error", 1000, "unknown error: "),
    (ServerError, 500, "server_error", 1000, "unknown error: "),
    (Error, 500, "server_error", 1000, "unknown error: "),
]
BLOCKED: list[tuple[type[Sensitive], str, int]] = [
    (SensitivePrompt, "input", 1026),
    (SensitiveAnswer, "output", 1027),
]


@pytest.mark.parametrize(("kind", "status", "label", "number", "words"), TABLE, ids=lambda value: str(value))
def test_errors(kind: type[Error], status: int, label: str, number: int, words: str) -> None:
    error = kind("It went wrong.")
    got, body = CHAT.error(error, ARRIVAL)
    assert got == status
    assert json.loads(body) == {
        "type": "error",
        "error": {"type": label, "message": f"{words}It went wrong ({number})", "http_code": str(status)},
        "request_id": trace_id(ARRIVAL),
    }
    got, body = NATIVE.error(error, ARRIVAL)
    assert got == 200
    answer: dict[str, Any] = json.loads(body)
    assert answer["base_resp"] == {"status_code": number, "status_msg": f"{words}It went wrong."}
    assert (answer["id"], answer["choices"], answer["created"]) == (trace_id(ARRIVAL), None, ARRIVAL.created)


@pytest.mark.parametrize(("kind", "side", "number"), BLOCKED)
def test_what_is_blocked_has_the_words_that_clients_look_for(kind: type[Sensitive], side: str, number: int) -> None:
    error = kind("The rules forbid it.", category="abuse")
    status, body = CHAT.error(error, ARRIVAL)
    told = json.loads(body)["error"]
    assert (status, told["http_code"], told["type"]) == (422, "422", "unprocessable_entity_error")
    assert told["message"] == f"{side} new_sensitive ({number})"
    answer = json.loads(NATIVE.error(error, ARRIVAL)[1])
    assert answer["base_resp"] == {"status_code": number, "status_msg": f"{side} new_sensitive"}
    flagged = {name: answer[f"{name}_sensitive"] for name in ("input", "output")}
    assert flagged == {"input": side == "input", "output": side == "output"}
    assert answer[f"{side}_sensitive_type"] == 5
    assert answer["choices"] is None


def test_every_class_is_in_the_table() -> None:
    def classes(root: type[Error]) -> set[type[Error]]:
        return {root}.union(*(classes(child) for child in root.__subclasses__()))

    known = {row[0] for row in TABLE} | {row[0] for row in BLOCKED}
    assert known == {kind for kind in classes(Error) if kind.__module__ == "maxserve.chat.errors"}
    for kind, status, _, number, _ in TABLE:
        assert (400 <= status < 500) == issubclass(kind, RequestError)
        assert (number == 2013) == (issubclass(kind, RequestError) and status in (400, 404, 405, 413))


def test_a_stream_that_breaks_off() -> None:
    error = EngineCrashed("Gone.")
    assert CHAT.error_event(error, ARRIVAL) == b"data: " + CHAT.error(error, ARRIVAL)[1] + b"\n\ndata: [DONE]\n\n"
    assert NATIVE.error_event(error, ARRIVAL) == b"data: " + NATIVE.error(error, ARRIVAL)[1] + b"\n\ndata: [DONE]\n\n"


def test_one_id_under_every_name() -> None:
    headers = CHAT.headers(ARRIVAL)
    assert {name for name, _ in headers} == {b"trace-id", b"minimax-request-id", b"x-mm-request-id", b"x-session-id"}
    assert {value for _, value in headers} == {trace_id(ARRIVAL).encode()}
