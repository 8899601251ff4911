"""The real Vercel AI SDK with `@ai-sdk/openai-compatible`, unmodified, against `maxserve serve`."""

from __future__ import annotations

import pytest

from tests.support.serving import Served

from .conftest import Tour

pytestmark = pytest.mark.node


@pytest.mark.parametrize("mount", ["/v1", "/openai/v1"])
def test_tour(served: Served, tour: Tour, mount: str) -> None:
    seen = tour("vercel_tour.mjs", served.url + mount, "minimax/m2.7")
    whole, stream = seen["whole"], seen["stream"]
    assert "Paris" in whole["text"]
    assert whole["reasoning"]
    assert whole["finish"] == "stop"
    assert (stream["text"], stream["reasoning"], stream["finish"]) == (whole["text"], whole["reasoning"], "stop")
    assert {"reasoning-delta", "text-delta", "finish"} <= set(stream["kinds"])
    for usage in (whole["usage"], stream["usage"]):
        assert usage["inputTokens"] > 0
        assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
        assert 0 < usage["outputTokenDetails"]["reasoningTokens"] < usage["outputTokens"]
    assert seen["person"] == {"name": "Anna", "age": 31}
    assert seen["tool"]["asked"]
    assert seen["tool"]["finish"] == "tool-calls"
    assert seen["tool"]["results"] == [{"temperature": 12, "sky": "rain"}] * len(seen["tool"]["asked"])
    error = seen["error"]
    assert (error["name"], error["status"], error["retryable"]) == ("AI_APICallError", 404, False)
    assert "gpt-9" in error["message"]
