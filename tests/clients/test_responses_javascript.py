"""The real `openai` client for JavaScript, unmodified, over the Responses API."""

from __future__ import annotations

import pytest

from tests.support.serving import Served

from .conftest import Tour

pytestmark = pytest.mark.node


def test_tour(served: Served, tour: Tour) -> None:
    seen = tour("responses_tour.mjs", served.base_url, "minimax/m2.7")
    whole, stream, helper = seen["whole"], seen["stream"], seen["helper"]
    assert "Paris" in whole["text"]
    assert (whole["kinds"], whole["status"], whole["store"]) == (["reasoning", "message"], "completed", False)
    assert whole["usage"]["output_tokens_details"]["reasoning_tokens"] > 0
    assert stream["text"] == whole["text"]
    assert stream["numbers"] == list(range(len(stream["numbers"])))
    assert (stream["kinds"][0], stream["kinds"][-1]) == ("response.created", "response.completed")
    assert (helper["text"], helper["kinds"]) == (whole["text"], whole["kinds"])
    assert helper["thought"]
    assert seen["calls"]
    assert all(call["name"] == "get_weather" and list(call["arguments"]) == ["city"] for call in seen["calls"])
    assert seen["afterTools"]
    assert set(seen["person"]) == {"name", "age"}
    assert seen["errors"] == [
        ["unknown model", "NotFoundError", 404, "model_not_found", "model"],
        ["stored", "BadRequestError", 400, "unsupported", "previous_response_id"],
        ["retrieve", "NotFoundError", 404, "not_found", None],
    ]
