"""Cloudflare's own providers for the AI SDK, unmodified: `workers-ai-provider` and `ai-gateway-provider`.

Each is tried without a Worker, its constant addresses replaced, and inside one, where it takes env.AI as it comes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.serving import Served
from tests.support.workerd import CLIENT, need_packages, workerd

pytestmark = pytest.mark.node

FOLDER = Path(__file__).parent / "workers"


def run(script: str, url: str) -> Any:
    need_packages(FOLDER)
    done = subprocess.run(["node", script, url], cwd=FOLDER, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def bundle(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A Worker made of the providers' packages, as a Worker's author bundles them."""
    need_packages(FOLDER, CLIENT)
    made = tmp_path_factory.mktemp("bundle")
    subprocess.run(
        [FOLDER / "node_modules" / ".bin" / "esbuild", "binding.mjs", "--bundle", "--format=esm",
         f"--outfile={made / 'bundle.js'}", "--log-level=warning"],
        cwd=FOLDER, timeout=90, check=True,
    )  # fmt: skip
    with (
        workerd(FOLDER / "bundle.capnp", served.url, imports=(made, CLIENT)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def check_tour(seen: Any) -> None:
    whole, stream = seen["whole"], seen["stream"]
    assert "Paris" in whole["text"]
    assert whole["reasoning"]
    assert whole["finish"] == "stop"
    assert (stream["text"], stream["reasoning"], stream["finish"]) == (whole["text"], whole["reasoning"], "stop")
    assert {"reasoning-delta", "text-delta", "finish"} <= set(stream["kinds"])
    for usage in (whole["usage"], stream["usage"], seen["m3"]["usage"]):
        assert usage["inputTokens"] > 0 < usage["outputTokens"]
        assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert seen["m3"]["usage"]["inputTokenDetails"]["cacheReadTokens"] >= 0
    assert "Paris" in seen["m3"]["text"]
    assert seen["person"] == {"name": "Anna", "age": 31}
    assert seen["tool"]["asked"]
    assert seen["tool"]["finish"] == "tool-calls"
    assert seen["tool"]["results"] == [{"temperature": 12, "sky": "rain"}] * len(seen["tool"]["asked"])
    assert seen["after"]["text"]
    for error, words in ((seen["unknown"], "Model not found: minimax/m9"), (seen["range"], "at temperature: Too big")):
        assert (error["name"], error["retryable"]) == ("AI_APICallError", False)
        assert words in error["message"]


def test_workers_ai_provider_over_rest(served: Served) -> None:
    seen = run("rest.mjs", served.url)
    check_tour(seen)
    assert (seen["unknown"]["status"], seen["range"]["status"]) == (404, 400)
    run_path = "/v1/0123456789abcdef0123456789abcdef/default/workers-ai/run/minimax"
    assert set(seen["paths"]) == {f"{run_path}/m2.7", f"{run_path}/m3", f"{run_path}/m9"}


def test_workers_ai_provider_in_a_worker(bundle: httpx.Client) -> None:
    answer = bundle.get("/tour")
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    check_tour(seen)
    assert seen["unknown"]["message"] == "7003: Model not found: minimax/m9"


@pytest.mark.parametrize("way", ["delegate", "gateway"])
def test_other_ways_of_a_worker(bundle: httpx.Client, way: str) -> None:
    """`workers-ai-provider` with OpenAI's provider behind it, and `ai-gateway-provider` with the gateway's binding."""
    answer = bundle.get(f"/{way}")
    assert answer.status_code == 200, answer.text
    check_short(answer.json())


def test_ai_gateway_provider_over_rest(served: Served) -> None:
    seen = run("gateway.mjs", served.url)
    check_short(seen)
    assert (seen["unknown"]["name"], seen["unknown"]["status"]) == ("AI_APICallError", 404)


def check_short(seen: Any) -> None:
    assert "Paris" in seen["whole"]
    assert (seen["stream"], seen["finish"]) == (seen["whole"], "stop")
    assert seen["usage"]["inputTokens"] > 0 < seen["usage"]["outputTokens"]
