"""Sends Runware's tasks to a server over HTTP, as a client without an SDK does."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit


class Server(Protocol):
    @property
    def url(self) -> str: ...


def task(text: str = "Hello!", **fields: Any) -> dict[str, Any]:
    return {
        "taskType": "textInference",
        "taskUUID": str(uuid.uuid4()),
        "model": "minimax:m2.7@0",
        "messages": [{"role": "user", "content": text}],
        **fields,
    }


def poll(of: dict[str, Any]) -> dict[str, Any]:
    return {"taskType": "getResponse", "taskUUID": of["taskUUID"]}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def begin(
    server: Server, tasks: object, path: str = "/v1", headers: dict[str, str] | None = None
) -> http.client.HTTPConnection:
    """Send and wait for nothing."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("POST", path, json.dumps(tasks), headers or {})
    return connection


def ask(
    server: Server, tasks: object, path: str = "/v1", headers: dict[str, str] | None = None
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection = begin(server, tasks, path, headers)
    try:
        response = connection.getresponse()
        return response.status, json.loads(response.read()), response.headers
    finally:
        connection.close()


def stream(server: Server, tasks: object, path: str = "/v1") -> list[Any]:
    """Return the chunks of a stream; comments are left out."""
    connection = begin(server, tasks, path)
    try:
        response = connection.getresponse()
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.read().decode().split("\n\n") if line and not line.startswith(":")]
    finally:
        connection.close()
    assert lines.pop() == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def answered(server: Server, of: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    """Poll until a task is done and return the last answer."""
    deadline = time.monotonic() + 60
    while True:
        status, body, _ = ask(server, [poll(of)], headers=headers)
        assert status == 200
        if [item.get("status") for item in body.get("data", ())] != ["processing"]:
            return body
        assert time.monotonic() < deadline
        time.sleep(0.02)


def codes(body: Any) -> Sequence[str]:
    return [error["code"] for error in body["errors"]]
