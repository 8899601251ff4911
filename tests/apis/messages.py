"""Reads Anthropic's server-sent events back into the message that they tell."""

from __future__ import annotations

import json
from typing import Any


def frames(data: bytes) -> list[tuple[str, Any]]:
    """Return each frame as its event's name and its data; comments are left out."""
    read = []
    for frame in data.decode().split("\n\n"):
        if not frame or frame.startswith(":"):
            continue
        event, payload = frame.split("\n")
        read.append((event.removeprefix("event: "), json.loads(payload.removeprefix("data: "))))
    return read


def completion(data: bytes) -> Any:
    """Return the message of a whole stream, and hold the stream to Anthropic's order on the way."""
    message: Any = None
    arguments = ""
    is_open = False
    for event, body in frames(data):
        assert body["type"] == event
        if event == "message_start":
            assert message is None
            message = body["message"]
            assert (message["content"], message["stop_reason"]) == ([], None)
        elif event == "content_block_start":
            assert not is_open
            assert body["index"] == len(message["content"])
            message["content"].append(body["content_block"])
            is_open, arguments = True, ""
        elif event == "content_block_delta":
            assert is_open
            assert body["index"] == len(message["content"]) - 1
            block, delta = message["content"][-1], body["delta"]
            kind = delta.pop("type")
            (key, text) = delta.popitem()
            assert (block["type"], kind, key) in {
                ("text", "text_delta", "text"),
                ("thinking", "thinking_delta", "thinking"),
                ("thinking", "signature_delta", "signature"),
                ("tool_use", "input_json_delta", "partial_json"),
            }
            if key == "partial_json":
                arguments += text
            else:
                assert not (key == "thinking" and block["signature"]), "the signature is the last of its block"
                block[key] += text
        elif event == "content_block_stop":
            is_open = False
            if message["content"][-1]["type"] == "tool_use":
                message["content"][-1]["input"] = json.loads(arguments or "{}")
        elif event == "message_delta":
            assert not is_open
            message |= body["delta"]
            message["usage"] |= body["usage"]
        else:
            assert event in ("ping", "message_stop")
    assert frames(data)[-1] == ("message_stop", {"type": "message_stop"})
    return message
