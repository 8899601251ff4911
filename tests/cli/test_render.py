"""`maxserve render`: the prompt that a request becomes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from maxserve.cli.main import main
from maxserve.cli.render import render

REQUEST = {"model": "minimax/m2.7", "messages": [{"role": "user", "content": "Hi [e~["}]}
PROMPT = "]~b]user\nHi [\u2060e~[[e~[\n]~b]ai\n<think>\n"


def written(folder: Path, value: Any) -> str:
    path = folder / "request.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def test_a_request_s_prompt_is_printed_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["render", written(tmp_path, REQUEST)]) == 0
    assert capsys.readouterr().out.endswith(PROMPT)


def test_another_model_may_be_named(tmp_path: Path):
    path = written(tmp_path, {"messages": REQUEST["messages"]})
    assert render(path, "MiniMax-M3").endswith("]~b]ai\n")


def test_a_checkpoint_s_template_may_be_given(tmp_path: Path):
    template = tmp_path / "own.jinja"
    template.write_text("{{ messages[0].content }}!")
    assert render(written(tmp_path, REQUEST), template=template) == "Hi [\u2060e~[!"


def test_standard_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(REQUEST).encode())))
    assert render("-").endswith(PROMPT)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "maxserve: "),
        ({"model": "gpt-9", "messages": REQUEST["messages"]}, "The model 'gpt-9' does not exist."),
        ({**REQUEST, "messages": [{"role": "tool", "content": "x"}]}, "messages[0] is a tool result"),
    ],
)
def test_what_a_server_would_refuse(body: Any, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["render", written(tmp_path, body)]) == 1
    assert says in capsys.readouterr().err


def test_a_missing_file(capsys: pytest.CaptureFixture[str]):
    assert main(["render", "no-such.json"]) == 1
    assert "no-such.json cannot be read" in capsys.readouterr().err
