"""The server's answers have the keys, their order and the types of the published samples of MiniMax's envelope.

`shapes/minimax.json` holds them for the four samples of M2.7 (all alike) and the four of M3, of which one came without
a thought. The samples were relayed by a gateway that always splits thoughts off. Two things differ on purpose: the
gateway's own last key is not there, and usage has the details of both models (M2.7's samples count only reasoning,
M3's only cached tokens).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.support.serving import Served, serving

SHAPES = json.loads((Path(__file__).parent / "shapes" / "minimax.json").read_text(encoding="utf-8"))
MESSAGES = {
    "capital": [("user", "What is the capital of France?")],
    "cooking": [
        ("system", "You are a helpful cooking assistant. Give concise recipes with metric measurements."),
        ("user", "How do I make a simple pasta aglio e olio?"),
    ],
    "protocols": [
        ("user", "What are the main differences between TCP and UDP?"),
        ("assistant", "TCP keeps a connection and delivers everything in order; UDP promises neither and is faster."),
        ("user", "When would I choose UDP over TCP?"),
    ],
    "haiku": [("user", "Write a haiku about programming.")],
}
TYPES = {str: "string", bool: "boolean", int: "integer"}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # One thread: several of them wait for each other where other work has the cores.
    with serving("--threads", "1") as running:
        yield running


def ask(served: Served, path: str, body: dict[str, Any]) -> Any:
    with urlopen(Request(served.url + path, json.dumps(body).encode()), timeout=90) as response:
        return json.loads(response.read())


def body(model: str, sample: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": role, "content": content} for role, content in MESSAGES[sample]]
    return {"model": model, "messages": messages, "max_tokens": 48, "temperature": 0, "reasoning_split": True} | fields


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return TYPES[type(value)]


def expected(name: str) -> Any:
    wanted = json.loads(json.dumps(SHAPES[name]))
    for detail in ("completion_tokens_details", "prompt_tokens_details"):
        found = [sample["usage"][detail] for sample in SHAPES.values() if detail in sample["usage"]]
        wanted["usage"].pop(detail, None)
        wanted["usage"][detail] = found[0]
    return wanted


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/text/chatcompletion_v2"])
@pytest.mark.parametrize("sample", MESSAGES)
@pytest.mark.parametrize("model", ["MiniMax-M2.7", "MiniMax-M3"])
def test_whole_answers(served: Served, model: str, sample: str, path: str) -> None:
    # M3 thinks where its sample did and does not where it did not: what it would choose is not the matter here.
    thought = model == "MiniMax-M2.7" or sample != "protocols"
    thinking = {"type": "enabled" if thought else "disabled"}
    answer = ask(served, path, body(model, sample, thinking=thinking))
    name = model.removeprefix("MiniMax-").lower() + ("" if thought else " without a thought")
    # Compared as text: the order of keys counts.
    assert json.dumps(shape(answer)) == json.dumps(expected(name))
    assert (answer["model"], answer["object"]) == (model, "chat.completion")
    assert answer["id"].startswith(f"{answer['created'] - 1672531200:08x}")
    message = answer["choices"][0]["message"]
    assert message["name"] == "MiniMax AI"
    if thought:
        (detail,) = message["reasoning_details"]
        assert detail["text"] == message["reasoning_content"] != ""
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] <= usage["completion_tokens"]


@pytest.mark.parametrize("path", ["/minimax/v1/chat/completions", "/minimax/v1/text/chatcompletion_v2"])
def test_the_mount_answers_any_name_with_minimaxs(served: Served, path: str) -> None:
    answer = ask(served, path, body("minimax/m2.7", "capital", max_tokens=4))
    assert answer["model"] == "MiniMax-M2.7"
    assert answer["base_resp"] == {"status_code": 0, "status_msg": ""}
