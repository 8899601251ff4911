"""The real `openai` client for JavaScript, unmodified, against `maxserve serve`."""

from __future__ import annotations

import pytest

from tests.support.serving import Served

from .conftest import Tour

pytestmark = pytest.mark.node


@pytest.mark.parametrize("model", ["minimax/m2.7", "minimax/m3"])
def test_tour(served: Served, tour: Tour, model: str) -> None:
    seen = tour("openai_tour.mjs", served.base_url, model)
    assert model in seen["models"]
    assert seen["model"] == model
    assert "Paris" in seen["whole"]["content"]
    assert seen["whole"]["finish"] == "stop"
    assert seen["stream"]["content"] == seen["whole"]["content"]
    assert (seen["stream"]["roles"], seen["stream"]["finish"]) == (1, "stop")
    assert seen["stream"]["usage"]["completion_tokens"] == seen["whole"]["usage"]["completion_tokens"]
    assert seen["calls"]
    assert all(call["name"] == "get_weather" and list(call["arguments"]) == ["city"] for call in seen["calls"])
    assert seen["callsFinish"] == "tool_calls"
    assert seen["afterTools"]
    assert set(seen["person"]) == {"name", "age"}
    assert seen["several"] == [0, 1, 2]
    assert "".join(token for token, _, _ in seen["logprobs"]).strip() == seen["logprobsContent"].strip()
    assert all(logprob <= 0 and top == 2 for _, logprob, top in seen["logprobs"])
    assert seen["abortedAfter"] == 3
    assert seen["errors"] == [
        ["unknown model", "NotFoundError", 404, "model_not_found", "model"],
        ["wrong field", "BadRequestError", 400, "invalid_request", "temperature"],
    ]
