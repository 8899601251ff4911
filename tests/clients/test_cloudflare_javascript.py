"""The real `cloudflare` and `openai` clients for JavaScript, as Cloudflare's customers point them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.serving import Served, serving

from .conftest import Tour

pytestmark = pytest.mark.node
ACCOUNT, TOKEN = "0123456789abcdef0123456789abcdef", "cf-token"
USER = "Model execution failed (User Input Error): "


@pytest.fixture(scope="module")
def guarded() -> Iterator[Served]:
    with serving("--key", TOKEN) as running:
        yield running


@pytest.mark.parametrize("model", ["minimax/m2.7", "minimax/m3"])
def test_tour(guarded: Served, tour: Tour, model: str) -> None:
    seen = tour("cloudflare_tour.mjs", guarded.url, ACCOUNT, TOKEN, model)
    run, stream = seen["run"], seen["stream"]
    assert "Paris" in run["content"]
    assert run["keys"][-1] == "gatewayMetadata"
    assert (stream["content"], stream["done"]) == (run["content"], True)
    assert stream["type"].startswith("text/event-stream")
    assert [usage["completion_tokens"] for usage in stream["usage"]] == [run["usage"]["completion_tokens"]]
    assert {"minimax/m2.7", "minimax/m3"} <= {*seen["models"]}
    assert len(seen["models"]) == len({*seen["models"]})
    family = model.removeprefix("minimax/").upper()
    log = {"model": f"MiniMax-{family}", "cached": False, "tokens": run["usage"]["completion_tokens"]}
    assert seen["log"] == log
    assert seen["errors"] == [
        ["NotFoundError", 404, 7003, "Model not found: minimax/m9"],
        [
            "BadRequestError", 400, 7003,
            f"{USER}Validation error at temperature: Too big: expected number to be <=1",
        ],
        ["AuthenticationError", 401, 10000, "Authentication error"],
    ]  # fmt: skip
    assert seen["openai"] == {
        "content": run["content"],
        "object": "chat.completion",
        "key": "Unified",
        "streamed": run["content"],
        "error": ["NotFoundError", 404, "model_not_found", "404 Model not found: minimax/m9"],
    }
