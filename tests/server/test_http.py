"""The server as any HTTP client sees it: health, keys, limits, silence, and its end."""

from __future__ import annotations

import http.client
import json
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.serving import Served, serving

HELLO = {"model": "minimax/m2.7", "messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 40}
# So long that it cannot be over before the test has looked: the grammar demands it.
LONG = {
    "model": "minimax/m2.7",
    "stream": True,
    "messages": [{"role": "user", "content": "Count."}],
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "long",
            "schema": {
                "type": "object",
                "properties": {"numbers": {"type": "array", "items": {"type": "integer"}, "minItems": 3000}},
                "required": ["numbers"],
                "additionalProperties": False,
            },
        },
    },
}


def open_request(
    served: Served, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    connection.request(method, path, data, headers or {})
    return connection, connection.getresponse()


def ask(
    served: Served, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection, response = open_request(served, method, path, body, headers)
    try:
        return response.status, json.loads(response.read()), response.headers
    finally:
        connection.close()


def chat(served: Served, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any, http.client.HTTPMessage]:
    return ask(served, "POST", "/v1/chat/completions", body, headers)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(
        env={"MAXSERVE_SERVER_MAX_BODY_BYTES": "200000", "MAXSERVE_SERVER_KEEP_ALIVE_COMMENT_S": "0.02"}
    ) as running:
        yield running


def test_where_there_is_no_websocket_its_handshake_is_a_request_like_another(served: Served) -> None:
    upgrade = {
        "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    status, body, headers = ask(served, "GET", "/v1/chat/completions", headers=upgrade)
    assert (status, headers["allow"]) == (405, "POST")
    assert body["error"]["message"] == "GET is not allowed at /v1/chat/completions."
    status, body, _ = ask(served, "GET", "/v1/nothing", headers=upgrade)
    assert (status, body["error"]["code"]) == (404, "not_found")
    status, body, _ = ask(served, "GET", "/v1/models", headers=upgrade)
    assert (status, body["object"]) == (200, "list")


def test_health(served: Served) -> None:
    assert ask(served, "GET", "/livez")[:2] == (200, {"status": "ok"})
    assert ask(served, "GET", "/readyz")[:2] == (200, {"status": "ready", "engines": {"m2": "ready", "m3": "ready"}})


def test_an_answer_has_an_id_and_a_checkpoint(served: Served) -> None:
    status, body, headers = chat(served, HELLO)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-maxserve-checkpoint"] == "demo-m2"
    assert body["id"] == "chatcmpl-" + headers["x-request-id"].removeprefix("req_")


def test_json_is_read_whatever_the_content_type_says(served: Served) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data"):
        assert chat(served, HELLO, {"content-type": kind})[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/chat/completions", 405, "invalid_request"),
        ("GET", "/v1/models/gpt-9", 404, "model_not_found"),
    ],
)
def test_wrong_paths(served: Served, method: str, path: str, status: int, code: str) -> None:
    got, body, _ = ask(served, method, path)
    assert (got, body["error"]["code"]) == (status, code)


def test_model_ids_plain_and_encoded(served: Served) -> None:
    for path in ("minimax/m2.7", "minimax%2Fm2.7"):
        assert ask(served, "GET", f"/v1/models/{path}")[1]["id"] == "minimax/m2.7"
    assert ask(served, "GET", "/v1/models/minimax:m2.7@0")[1]["id"] == "minimax:m2.7@0"
    assert ask(served, "GET", "/v1/models/minimax%3Am2.7%400")[1]["id"] == "minimax:m2.7@0"


def test_too_large_a_body(served: Served) -> None:
    status, body, headers = chat(served, b" " * 200_001)
    assert (status, body["error"]["code"]) == (413, "body_too_large")
    assert headers["connection"] == "close"


def test_a_large_body_without_a_length(served: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    try:
        pieces = (b" " * 50_000 for _ in range(5))
        connection.request("POST", "/v1/chat/completions", pieces, encode_chunked=True)
        assert connection.getresponse().status == 413
    finally:
        connection.close()


def test_broken_json(served: Served) -> None:
    status, body, _ = chat(served, b'{"model": ')
    assert status == 400
    assert "not valid JSON" in body["error"]["message"]


def test_a_stream_is_never_silent(served: Served) -> None:
    body = {**HELLO, "stream": True, "messages": [{"role": "user", "content": "Read this. " * 900}]}
    connection, response = open_request(served, "POST", "/v1/chat/completions", body)
    try:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = response.read().decode().split("\n\n")
    finally:
        connection.close()
    assert lines[0].startswith(":"), "a comment comes while the prompt is read"
    assert lines[-2:] == ["data: [DONE]", ""]


def test_wrong_keys_are_refused() -> None:
    with serving("--key", "sk-right-key-123") as served:
        assert ask(served, "GET", "/livez")[0] == 200
        for headers in ({}, {"authorization": "Bearer sk-wrong-key-123"}, {"authorization": "Basic sk-right-key-123"}):
            status, body, got = chat(served, HELLO, headers)
            assert (status, body["error"]["code"]) == (401, "invalid_api_key")
            assert got["www-authenticate"] == "Bearer"
            assert "sk-wrong-key-123" not in body["error"]["message"]
        assert ask(served, "GET", "/v1/models", headers={})[0] == 401
        for headers in ({"authorization": "Bearer sk-right-key-123"}, {"x-api-key": "sk-right-key-123"}):
            assert chat(served, HELLO, headers)[0] == 200


def test_a_stopping_server_finishes_its_streams() -> None:
    with serving() as served:
        connection, response = open_request(
            served, "POST", "/v1/chat/completions", {**LONG, "response_format": None, "max_tokens": 200}
        )
        response.readline()
        served.process.send_signal(signal.SIGTERM)
        assert response.read().endswith(b"data: [DONE]\n\n")
        connection.close()
        assert served.process.wait(30) == 0


def test_a_stream_that_outlasts_the_drain_ends_with_an_error() -> None:
    with serving(env={"MAXSERVE_SERVER_DRAIN_S": "0"}) as served:
        connection, response = open_request(served, "POST", "/v1/chat/completions", LONG)
        response.readline()
        served.process.send_signal(signal.SIGINT)
        *_, error, done, empty = response.read().decode().split("\n\n")
        connection.close()
        assert (done, empty) == ("data: [DONE]", "")
        assert json.loads(error.removeprefix("data: "))["error"]["message"] == "The server is shutting down."
        assert served.process.wait(30) == 0


def test_a_request_that_takes_too_long_ends_with_an_error() -> None:
    with serving(env={"MAXSERVE_LIMITS_REQUEST_TIMEOUT_S": "0.5"}) as served:
        status, body, _ = chat(served, {**LONG, "stream": False})
        assert (status, body["error"]["code"]) == (504, "engine_timeout")
        connection, response = open_request(served, "POST", "/v1/chat/completions", LONG)
        assert b'"code":"engine_timeout"' in response.read()
        connection.close()


def test_a_gone_client_frees_the_slot() -> None:
    with serving("--parallel", "1") as served:
        for stream in (True, False):
            connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
            connection.request("POST", "/v1/chat/completions", json.dumps({**LONG, "stream": stream}))
            if stream:
                connection.getresponse().readline()
            connection.close()
            assert chat(served, {**HELLO, "max_tokens": 1})[0] == 200
