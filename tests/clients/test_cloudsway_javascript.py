"""The real `openai` client for JavaScript as Cloudsway's customers point it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.serving import Served, serving

from .conftest import Tour

pytestmark = pytest.mark.node
DEPLOYED = "MaaS_Minimax_M2.7_20260318"


@pytest.fixture(scope="module")
def bound() -> Iterator[Served]:
    env = {"MAXSERVE_CLOUDSWAY_ENDPOINTS": "SOMEPATH=MiniMax-M2.7", "MAXSERVE_ENGINES_M2_THREADS": "1"}
    with serving("--context", "1024", "--without", "m3", env=env) as running:
        yield running


@pytest.mark.parametrize(("base", "model"), [("/v1/ai/SOMEPATH", "MiniMax-M2.5"), ("/cloudsway/v1", DEPLOYED)])
def test_tour(bound: Served, tour: Tour, base: str, model: str) -> None:
    seen = tour("cloudsway_tour.mjs", bound.url + base, model)
    choice = seen["whole"]["choice"]
    assert seen["whole"]["model"] == DEPLOYED
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("stop", "stop")
    assert "Paris" in choice["message"]["content"]
    assert seen["stream"]["content"] == choice["message"]["content"]
    assert seen["stream"]["thought"] == choice["message"]["reasoning_details"][0]["text"]
    assert seen["stream"]["reasons"] == ["stop"]
    assert seen["stream"]["usage"]["completion_tokens"] == seen["whole"]["usage"]["completion_tokens"]
    assert list(seen["plain"]) == ["role", "content"]
    assert seen["error"] == ["BadRequestError", 400, "n"]
