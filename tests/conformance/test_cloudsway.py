"""The two requests of Cloudsway's page, sent by curl as they are printed there but for the host, get its shapes.

`shapes/cloudsway.json` holds the keys, their order and the types of the page's two answers: with the thought split off,
and without a trace of it. curl takes the braces of `{endpointPath}` for a list of one, so the path is `endpointPath`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, serving

SHAPES = json.loads((Path(__file__).parent / "shapes" / "cloudsway.json").read_text(encoding="utf-8"))
TYPES = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
SPLIT = """
curl --location --request POST '{host}/v1/ai/{endpointPath}/chat/completions' \\
--header 'Authorization: Bearer {YOUR AK}' \\
--header 'Content-Type: application/json' \\
--data-raw '{
"model": "MiniMax-M2.5",
"reasoning_split": true,
"messages": [
{
"role": "user",
"content": [
{
"type": "text",
"text": "what is elephent?"
}
]
}
]
}'
"""
PLAIN = """
curl --request POST \\
--url {host}/v1/chat/completions \\
--header 'Authorization: Bearer <token>' \\
--header 'Content-Type: application/json' \\
--data '
{
"model": "MaaS_Minimax_M2.7_20260318",
"messages": [
{
"role": "system",
"name": "MiniMax AI"
},
{
"role": "user",
"content": "hello",
"name": "user"
}
]
}
'
"""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # A small context ends an answer that a demo checkpoint would draw out; one thread waits for no other.
    env = {"MAXSERVE_CLOUDSWAY_ENDPOINTS": "endpointPath=MiniMax-M2.7", "MAXSERVE_ENGINES_M2_THREADS": "1"}
    with serving("--context", "256", "--without", "m3", env=env) as running:
        yield running


def run(served: Served, command: str) -> Any:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace("{host}", served.url)],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return TYPES[type(value)]


# The header table of the page has a form's type, its examples have JSON's.
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data"])
@pytest.mark.parametrize(("command", "name"), [(SPLIT, "split"), (PLAIN, "plain")])
def test_the_page_s_examples(served: Served, command: str, name: str, kind: str) -> None:
    answer = run(served, command.replace("application/json", kind))
    # Compared as text: the order of keys counts.
    assert json.dumps(shape(answer)) == json.dumps(SHAPES[name])
    assert re.fullmatch(r"chatcmpl-[0-9A-Za-z]{24}", answer["id"])
    assert (answer["model"], answer["object"]) == ("MaaS_Minimax_M2.7_20260318", "chat.completion")
    (choice,) = answer["choices"]
    assert choice["index"] == 0
    assert choice["finish_reason"] == choice["native_finish_reason"] in ("stop", "length")
    message = choice["message"]
    assert message["role"] == "assistant"
    assert "<think>" not in message["content"]
    if name == "split":
        (detail,) = message["reasoning_details"]
        assert detail["type"] == "reasoning.text"
        assert detail["text"]
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]
    assert usage["prompt_tokens_details"]["cached_tokens"] <= usage["prompt_tokens"]


def test_a_streamed_example_has_the_same_keys_in_its_chunks(served: Served) -> None:
    command = SPLIT.replace('"reasoning_split": true,', '"reasoning_split": true, "stream": true,')
    command = command.replace("curl ", "curl --silent --no-buffer ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace("{host}", served.url)],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    lines = [line.removeprefix("data: ") for line in done.stdout.splitlines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    chunks = [json.loads(line) for line in lines]
    whole = list(SHAPES["split"])
    choice = list(SHAPES["split"]["choices"][0])
    for chunk in chunks:
        assert list(chunk) == [key for key in whole if key != "usage"]
        assert list(chunk["choices"][0]) == ["delta" if key == "message" else key for key in choice]
    details = [chunk["choices"][0]["delta"].get("reasoning_details", [{}])[0] for chunk in chunks]
    shown = list(SHAPES["split"]["choices"][0]["message"]["reasoning_details"][0])
    assert {tuple(detail) for detail in details if detail} == {tuple(shown)}
    assert chunks[-1]["choices"][0]["native_finish_reason"] in ("stop", "length")
