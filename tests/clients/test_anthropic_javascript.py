"""The real `@anthropic-ai/sdk` client for JavaScript, unmodified, against `maxserve serve`."""

from __future__ import annotations

import pytest

from tests.support.serving import Served

from .conftest import Tour

pytestmark = pytest.mark.node


@pytest.mark.parametrize(("model", "mount"), [("MiniMax-M2.7", ""), ("MiniMax-M3", "/anthropic")])
def test_tour(served: Served, tour: Tour, model: str, mount: str) -> None:
    seen = tour("anthropic_tour.mjs", served.url + mount, model)
    whole, stream = seen["whole"], seen["stream"]
    assert whole["id"].startswith("msg_")
    assert whole["stop"] == "end_turn"
    thought, answer = whole["content"]
    assert len(bytes.fromhex(thought["signature"])) == 32
    assert "Paris" in answer["text"]
    assert (stream["thinking"], stream["text"], stream["signatures"]) == (thought["thinking"], answer["text"], 1)
    assert [{**block, "parsed_output": None} for block in stream["content"]] == [
        {**block, "parsed_output": None} for block in whole["content"]
    ]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert stream["events"] == ["message_start", *block, *block, "message_delta", "message_stop"]
    assert seen["counted"] > 0
    assert seen["called"] == {"stop": "tool_use", "inputs": [{"city": "Oslo"}, {"city": "Paris"}]}
    assert "4" in seen["answered"]
    assert "17" in seen["answered"]
    assert seen["abortedAfter"] == 4
    assert seen["errors"] == [
        ["unknown model", "NotFoundError", 404, "not_found_error", "req_"],
        ["wrong field", "BadRequestError", 400, "invalid_request_error", "req_"],
    ]
