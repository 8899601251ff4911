"""Every route of the app passes one gate: its own error form, a request id, one access-log line, whatever happens."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from maxserve.access import Keys
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, ServerSettings
from maxserve.http.trace import TRACEPARENT
from maxserve.server.app import Application, create_app
from maxserve.server.exchange import Exchange
from maxserve.server.run import create_state
from maxserve.store import StoreError
from tests.service.replay import Replay

KEY = "sk-gate-0123456789"
OPEN = {"/", "/docs", "/openapi.json", "/livez", "/readyz"}
"""Paths that need no key and use no database."""
RUNWARE = {"/v1", "/", "/runware/v1", "/runware"}
NATIVE = "/text/chatcompletion_v2"
"""MiniMax's native paths: errors are a 200 with `base_resp` (docs/wire/minimax.md §9.1)."""
VALUES = {"model": "minimax/m2.7", "response": "resp_1", "account": "0" * 32, "provider": "universal"}
BODY = json.dumps({"model": "minimax/m2.7", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}).encode()
TASKS = json.dumps([{"taskType": "textInference"}]).encode()


def concrete(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: VALUES.get(match[1], "x"), path)


def made(folder: Path, *keys: str) -> tuple[Application, Any]:
    config = Config(
        data_dir=folder,
        auth=AuthSettings(keys=keys, signing_key="x"),
        server=ServerSettings(access_log=True),
    )
    state = create_state(config, Replay())
    return create_app(state), state


ROUTES = [
    pytest.param(route.path, method, id=f"{method} {route.path}")
    for route in made(Path("/nonexistent"))[0].routed.routes
    if isinstance(route, Route)
    for method in sorted((route.methods or set()) - {"HEAD"})
]


@asynccontextmanager
async def serving(folder: Path, *keys: str) -> AsyncIterator[httpx.AsyncClient]:
    app, state = made(folder, *keys)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)  # nothing may pass the gate
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    await state.storage.close()


async def send(client: httpx.AsyncClient, method: str, path: str, key: str | None = KEY) -> httpx.Response:
    headers = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    body = TASKS if path in RUNWARE and method == "POST" else BODY
    content = None if method in ("GET", "DELETE") else body
    return await client.request(method, concrete(path), headers=headers, content=content)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "maxserve.access"]


def status_of(path: str, status: int) -> int:
    return 200 if path.endswith(NATIVE) else status


def is_error_of_an_api(response: httpx.Response) -> bool:
    """Whether the body is JSON in one of the APIs' forms."""
    body = response.json()
    return any(body.get(name) for name in ("error", "errors", "base_resp")) or body.get("type") == "error"


@pytest.fixture(autouse=True)
def log_access(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maxserve.access")


@pytest.mark.parametrize(("path", "method"), ROUTES)
async def test_route_without_a_key_answers_401_in_its_apis_form(
    path: str, method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, KEY) as client:
        response = await send(client, method, path, key=None)
    if path in OPEN and method == "GET":
        assert response.status_code in (200, 307, 503)
    else:
        assert response.status_code == status_of(path, 401)
        assert is_error_of_an_api(response)
    assert response.headers["x-request-id"] in lines(caplog)[0]
    assert len(lines(caplog)) == 1


@pytest.mark.parametrize(("path", "method"), ROUTES)
async def test_bug_in_a_handler_answers_500_in_the_apis_form_and_is_logged_under_its_id(
    path: str, method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(Exchange, "respond", first_fails(Exchange.respond))
    monkeypatch.setattr(Exchange, "body", broken)
    async with serving(tmp_path, KEY) as client:
        response = await send(client, method, path)
    # Some paths refuse the request before their handler can fail.
    assert response.status_code in (status_of(path, 500), 400, 404, 405), response.text
    if response.status_code == status_of(path, 500):
        assert "a secret detail" not in response.text
        assert response.headers["x-request-id"] in response.text
        assert any(
            record.exc_info and response.headers["x-request-id"] in record.getMessage() for record in caplog.records
        )
    assert is_error_of_an_api(response)
    assert len(lines(caplog)) == 1


def first_fails(respond: Any) -> Any:
    """Return `respond` failing on its first call of each exchange, as a handler's answer; errors are sent after it."""

    async def respond_or_fail(self: Exchange, status: int, *args: Any, **options: Any) -> None:
        if self.error is None:
            raise ZeroDivisionError("a secret detail")
        await respond(self, status, *args, **options)

    return respond_or_fail


@pytest.mark.parametrize(("path", "method"), ROUTES)
async def test_dead_database_is_the_servers_fault_and_never_the_clients(
    path: str, method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: Any) -> Any:
        raise StoreError("the disk is gone")

    async with serving(tmp_path, KEY) as client:
        monkeypatch.setattr("maxserve.server.storage.Storage._open", dead)
        response = await send(client, method, path)
    if any("the disk is gone" in record.getMessage() for record in caplog.records):
        assert response.status_code in (status_of(path, 503), 529)
        assert is_error_of_an_api(response)
        assert "the disk is gone" not in response.text
        assert response.headers["retry-after"] == "1"
    assert response.headers["x-request-id"]
    assert len([line for line in lines(caplog) if not line.startswith("TASK")]) == 1


@pytest.mark.parametrize(("path", "method"), ROUTES)
async def test_wrong_method_and_unknown_path_are_answered_in_the_apis_form(
    path: str, method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as client:
        wrong = await client.request("PATCH" if method != "PATCH" else "PUT", concrete(path), content=b"{}")
        unknown = await client.request(method, concrete(path).rstrip("/") + "/x/y/z/unknown")
    for response in (wrong, unknown):
        assert 400 <= response.status_code < 500
        assert is_error_of_an_api(response)
        assert response.headers["x-request-id"]
    assert len(lines(caplog)) == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("7f3c-trace.1:a/b+c=@x_y", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("has blank", False),
        ("-leading", False),
        ("", False),
        ("ü", False),
    ],
)
async def test_usable_request_id_of_the_client_is_kept(sent: str, kept: bool, tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        response = await client.get("/livez", headers={"x-request-id": sent.encode()})
    answered = response.headers["x-request-id"]
    assert (answered == sent) is kept
    assert kept or re.fullmatch(r"req_[0-9a-f]{24}", answered)


def test_gate_has_the_keys_of_the_configuration(tmp_path: Path) -> None:
    _, state = made(tmp_path, KEY)
    assert isinstance(state.keys, Keys)
    assert [key.digest for key in state.keys]


@pytest.mark.parametrize(
    ("sent", "passed_on"),
    [("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True), ("00-zz-00-01", False), ("x\ty", False)],
)
async def test_valid_traceparent_is_passed_on_while_the_request_runs(
    sent: str, passed_on: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def answer(self: Any, exchange: Exchange) -> None:
        seen.append(TRACEPARENT.get())
        await exchange.respond(200, b"{}")

    monkeypatch.setattr("maxserve.server.generation.GenerationHandler.__call__", answer)
    async with serving(tmp_path) as client:
        await client.post("/v1/chat/completions", headers={"traceparent": sent}, content=BODY)
    assert seen == [sent if passed_on else ""]
    assert TRACEPARENT.get() == ""
