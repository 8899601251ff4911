"""Who is masked, by the key that asks: over every API that has a field for it, and over those that have none."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

import pytest

from tests.support.scripted import scripted

ALWAYS, OFF = "key-of-the-legal-department", "key-of-the-laboratory"
RULES = {
    "MAXSERVE_KEYS_LEGAL_SECRET": ALWAYS,
    "MAXSERVE_KEYS_LEGAL_MASKING": "always",
    "MAXSERVE_KEYS_LABORATORY_SECRET": OFF,
    "MAXSERVE_KEYS_LABORATORY_MASKING": "off",
}
ASKED = {"messages": [{"role": "user", "content": "Hello!"}]}
APIS: dict[str, tuple[str, Any, Any]] = {
    "openai": (
        "/openai/v1/chat/completions", ASKED | {"model": "minimax/m2.7", "mask_sensitive_info": False},
        lambda body: body["choices"][0]["message"]["content"],
    ),
    "cloudsway": (
        "/cloudsway/v1/chat/completions", ASKED | {"model": "MaaS_MiniMax_M2.7"},
        lambda body: body["choices"][0]["message"]["content"],
    ),
    "anthropic": (
        "/v1/messages", ASKED | {"model": "MiniMax-M2.7", "max_tokens": 99}, lambda body: body["content"][1]["text"]
    ),
    "responses": (
        "/v1/responses", {"model": "minimax/m2.7", "input": "Hello!"},
        lambda body: body["output"][1]["content"][0]["text"],
    ),
    "runware": (
        "/v1", ASKED | {"model": "minimax:m2.7@0", "maskSensitiveInfo": False}, lambda body: body["data"][0]["text"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("api", APIS)
def test_always_means_always_and_off_leaves_it_to_the_request(api: str) -> None:
    path, body, text = APIS[api]
    found = []
    with scripted(environ=RULES) as served:
        for key in (ALWAYS, OFF):
            served.say("Hm.\n</think>\n\nMail jane@example.com now.")
            task = {"taskType": "textInference", "taskUUID": str(uuid.uuid4()), **body}
            request = urllib.request.Request(served.url + path, json.dumps([task] if path == "/v1" else body).encode())
            request.add_header("content-type", "application/json")
            request.add_header("authorization", f"Bearer {key}")
            with urllib.request.urlopen(request) as answer:
                found.append(text(json.load(answer)).split("\n\n")[-1])
    assert found == ["Mail *** now.", "Mail jane@example.com now."]
