"""The vendor's own curl commands, with another host, get answers of the shape that its pages show.

`shapes/cloudflare.json` holds keys, their order and types of the published answers: four of M2.7, all alike, and four
of M3, of which one came without a thought. The commands are sent by curl as they are printed, only the host is another
and an answer in the middle of a conversation is in words of our own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.support.serving import Served, serving

SHAPES = json.loads((Path(__file__).parent / "shapes" / "cloudflare.json").read_text(encoding="utf-8"))
ACCOUNT = "0123456789abcdef0123456789abcdef"
TOKEN = "a-token"
CURL = """\
curl $HOST/client/v4/accounts/$CLOUDFLARE_ACCOUNT_ID/ai/v1/chat/completions \\
  --header "Authorization: Bearer $CLOUDFLARE_API_TOKEN" \\
  --header "Content-Type: application/json" \\
  --data '{
  "model": "MODEL",
  "max_tokens": 2048,
  "messages": MESSAGESEND
}'
"""
SAMPLES: dict[str, tuple[list[tuple[str, str]], str]] = {
    "capital": ([("What is the capital of France?", "user")], ""),
    "cooking": (
        [
            ("You are a helpful cooking assistant. Give concise recipes with metric measurements.", "system"),
            ("How do I make a simple pasta aglio e olio?", "user"),
        ],
        ',\n  "temperature": 0.7',
    ),
    "protocols": (
        [
            ("What are the main differences between TCP and UDP?", "user"),
            (
                "TCP keeps a connection and delivers everything in order; UDP promises neither and is faster.",
                "assistant",
            ),
            ("When would I choose UDP over TCP?", "user"),
        ],
        ',\n  "temperature": 0.5',
    ),
    "haiku": ([("Write a haiku about programming.", "user")], ',\n  "temperature": 0.9'),
}
TYPES = {str: "string", bool: "boolean", int: "integer"}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--key", TOKEN, env={"MAXSERVE_CLOUDFLARE_ACCOUNTS": ACCOUNT}) as running:
        yield running


def command(model: str, sample: str) -> str:
    messages, end = SAMPLES[sample]
    listed = json.dumps([{"content": content, "role": role} for content, role in messages], indent=4)
    return CURL.replace("MODEL", model).replace("MESSAGES", listed).replace("END", end)


def curl(served: Served, shell: str, token: str = TOKEN) -> Any:
    names = {"HOST": served.url, "CLOUDFLARE_ACCOUNT_ID": ACCOUNT, "CLOUDFLARE_API_TOKEN": token}
    done = subprocess.run(
        ["sh", "-c", shell], env=os.environ | names, capture_output=True, text=True, timeout=90, check=True
    )
    return json.loads(done.stdout)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return TYPES[type(value)]


def check(answer: Any, model: str) -> None:
    family, message, usage = model.partition("/")[2], answer["choices"][0]["message"], answer["usage"]
    name = family + ("" if message["reasoning_content"] else " without a thought")
    # Compared as text: the order of keys counts.
    assert json.dumps(shape(answer)) == json.dumps(SHAPES[name])
    assert (answer["model"], answer["object"]) == (f"MiniMax-{family.upper()}", "chat.completion")
    assert answer["id"].startswith(f"{answer['created'] - 1672531200:08x}")
    assert message["name"] == "MiniMax AI"
    assert "<think>" not in message["content"]
    if message["reasoning_content"]:
        (detail,) = message["reasoning_details"]
        assert detail["text"] == message["reasoning_content"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert answer["base_resp"] == {"status_code": 0, "status_msg": ""}
    assert answer["gatewayMetadata"] == {"keySource": "Unified"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("model", ["minimax/m2.7", "minimax/m3"])
def test_the_printed_commands(served: Served, model: str, sample: str) -> None:
    check(curl(served, command(model, sample)), model)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_printed_command_with_a_wrong_token(served: Served) -> None:
    told = curl(served, command("minimax/m3", "capital"), token="another")
    assert told.pop("error")["code"] == "invalid_api_key", "for OpenAI's clients, after what the vendor sends"
    fault = {"code": 10000, "message": "Authentication error"}
    assert json.dumps(told) == json.dumps({"result": None, "success": False, "errors": [fault], "messages": []})


def asked(served: Served, path: str, body: dict[str, Any], **headers: str) -> Any:
    sent = {"authorization": f"Bearer {TOKEN}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    with urlopen(Request(served.url + path, json.dumps(body).encode(), sent), timeout=90) as response:
        assert response.headers["content-type"] == "application/json"
        return json.loads(response.read())


@pytest.mark.parametrize("thinking", ["enabled", "disabled"])
def test_m3_with_and_without_a_thought_wherever_it_is_asked(served: Served, thinking: str) -> None:
    base = f"/client/v4/accounts/{ACCOUNT}"
    inputs = {
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
        "max_tokens": 60,
        "temperature": 0,
        "thinking": {"type": thinking},
    }
    named = inputs | {"model": "minimax/m3"}
    bare = [
        asked(served, f"{base}/ai/v1/chat/completions", named),
        asked(served, f"/v1/{ACCOUNT}/default/compat/chat/completions", named),
        asked(served, "/run?version=3", {"inputs": inputs}, cf_consn_model_id="minimax/m3"),
    ]
    enveloped = [
        asked(served, f"{base}/ai/run", {"model": "minimax/m3", "input": inputs}),
        asked(served, f"{base}/ai/run/minimax%2Fm3", inputs),
        asked(served, f"/v1/{ACCOUNT}/default/workers-ai/run/minimax/m3", inputs),
    ]
    for envelope in enveloped:
        assert list(envelope) == ["result", "success", "errors", "messages"]
    answers = [*bare, *(envelope["result"] for envelope in enveloped)]
    for answer in answers:
        check(answer, "minimax/m3")
        assert bool(answer["choices"][0]["message"]["reasoning_content"]) is (thinking == "enabled")
    assert len({answer["choices"][0]["message"]["content"] for answer in answers}) == 1
