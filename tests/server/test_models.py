"""Lists of models and requests that lead nowhere, in the form of the API that was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.support.serving import Served, serving

from .test_http import ask

PLAIN, MINIMAX, CLOUDSWAY = "sk-plain-key-123", "sk-minimax-key-123", "sk-cloudsway-key-123"
ANTHROPIC = {"x-api-key": PLAIN, "anthropic-version": "2023-06-01"}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    named = {
        "MAXSERVE_KEYS_ONE_SECRET": MINIMAX,
        "MAXSERVE_KEYS_ONE_FLAVOUR": "minimax",
        "MAXSERVE_KEYS_TWO_SECRET": CLOUDSWAY,
        "MAXSERVE_KEYS_TWO_FLAVOUR": "cloudsway",
    }
    with serving("--key", PLAIN, "--without", "m3", env=named) as running:
        yield running


def get(served: Served, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    return ask(served, "GET", path, headers=headers)[:2]


@pytest.mark.parametrize(
    ("path", "headers", "keys"),
    [
        ("/v1/models", bearer(PLAIN), ["id", "object", "created", "owned_by"]),
        ("/openai/v1/models", bearer(MINIMAX), ["id", "object", "created", "owned_by"]),
        ("/minimax/v1/models", bearer(PLAIN), ["id", "object", "created", "owned_by"]),
        ("/cloudsway/v1/models", bearer(PLAIN), ["id", "created", "object", "owned_by"]),
        ("/v1/models", bearer(CLOUDSWAY), ["id", "created", "object", "owned_by"]),
    ],
)
def test_lists_and_single_models(served: Served, path: str, headers: dict[str, str], keys: list[str]) -> None:
    status, listed = get(served, path, headers)
    assert (status, listed["object"]) == (200, "list")
    assert {tuple(model) for model in listed["data"]} == {tuple(keys)}
    for model in listed["data"]:
        assert get(served, f"{path}/{model['id']}", headers) == (200, model)


def test_the_key_s_flavour_decides_on_the_shared_path(served: Served) -> None:
    names = {key: {m["id"] for m in get(served, "/v1/models", bearer(key))[1]["data"]} for key in (PLAIN, MINIMAX)}
    assert all(name.startswith("MiniMax-") for name in names[MINIMAX])
    assert names[MINIMAX] < names[PLAIN]


@pytest.mark.parametrize("path", ["/v1/models", "/anthropic/v1/models", "/minimax/anthropic/v1/models"])
def test_anthropic_s_list(served: Served, path: str) -> None:
    for key in (PLAIN, MINIMAX):
        status, listed = get(served, f"{path}?limit=2", {**ANTHROPIC, "x-api-key": key})
        assert (status, listed["has_more"], len(listed["data"])) == (200, True, 2)
        assert get(served, f"{path}/{listed['last_id']}", ANTHROPIC) == (200, listed["data"][1])


@pytest.mark.parametrize(
    ("path", "headers", "status", "says"),
    [
        ("/v1/models/gpt-9", bearer(PLAIN), 404, {"error": {"code": "model_not_found"}}),
        ("/cloudsway/v1/models/gpt-9", bearer(PLAIN), 404, {"error": {"code": "model_not_found"}}),
        ("/minimax/v1/models/gpt-9", bearer(PLAIN), 404, {"type": "error", "error": {"http_code": "404"}}),
        ("/v1/models/gpt-9", bearer(MINIMAX), 404, {"type": "error", "error": {"http_code": "404"}}),
        ("/v1/models/gpt-9", ANTHROPIC, 404, {"type": "error", "error": {"type": "not_found_error"}}),
        ("/anthropic/v1/models/gpt-9", ANTHROPIC, 404, {"type": "error", "error": {"type": "not_found_error"}}),
        ("/anthropic/v1/models?limit=0", ANTHROPIC, 400, {"error": {"type": "invalid_request_error"}}),
        ("/v1/models", {"anthropic-version": "1"}, 401, {"error": {"type": "authentication_error"}}),
        ("/minimax/v1/models", {}, 401, {"error": {"type": "authorized_error"}}),
    ],
)
def test_errors_in_the_dialect_s_form(
    served: Served, path: str, headers: dict[str, str], status: int, says: dict[str, Any]
) -> None:
    got, body = get(served, path, headers)
    assert got == status
    assert holds(body, says)


def holds(body: Any, says: Any) -> bool:
    if isinstance(says, dict):
        return all(name in body and holds(body[name], value) for name, value in says.items())
    return bool(body == says)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "says"),
    [
        ("POST", "/v1/nothing", {}, 404, {"error": {"code": "not_found"}}),
        ("POST", "/openai/v1/nothing", {}, 404, {"error": {"code": "not_found"}}),
        ("POST", "/cloudsway/v1/nothing", {}, 404, {"error": {"code": "not_found"}}),
        ("GET", "/v1/ai/x/chat/completions", {}, 405, {"error": {"code": "invalid_request"}}),
        ("POST", "/minimax/v1/nothing", {}, 404, {"error": {"type": "not_found_error"}}),
        ("GET", "/minimax/v1/chat/completions", {}, 405, {"error": {"type": "bad_request_error", "http_code": "405"}}),
        ("GET", "/v1/text/chatcompletion_v2", {}, 405, {"base_resp": {"status_code": 2013}}),
        ("POST", "/anthropic/v1/complete", {}, 404, {"type": "error", "error": {"type": "not_found_error"}}),
        ("POST", "/v1/complete", ANTHROPIC, 404, {"type": "error", "error": {"type": "not_found_error"}}),
        ("GET", "/v1/messages", {}, 405, {"type": "error", "error": {"type": "invalid_request_error"}}),
        ("DELETE", "/v1/models", {}, 405, {"error": {"code": "invalid_request"}}),
    ],
)
def test_requests_that_lead_nowhere(
    served: Served, method: str, path: str, headers: dict[str, str], status: int, says: Any
) -> None:
    got, body, sent = ask(served, method, path, headers=headers)
    assert got == status
    assert holds(body, says)
    assert sent["x-request-id"].startswith("req_")
    assert (sent["allow"] is not None) == (status == 405)
    assert path in str(body)


def test_the_real_clients(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key=PLAIN, max_retries=0) as client:
        assert "minimax/m2.7" in {model.id for model in client.models.list()}
    with anthropic.Anthropic(base_url=served.url, api_key=PLAIN, max_retries=0) as other:
        models = list(other.models.list(limit=3))
        assert "MiniMax-M2.7" in {model.id for model in models}
        assert len(models) > 3, "the client went through the pages"
        assert models[0].created_at.year == 2026
        assert other.models.retrieve("minimax/m2.7").display_name == "MiniMax-M2.7"
        with pytest.raises(anthropic.NotFoundError):
            other.models.retrieve("gpt-9")
