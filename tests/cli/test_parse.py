"""`maxserve parse`: what raw model output becomes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from maxserve.cli.main import main

TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"n": {"type": "integer"}}}}}]
RAW = (
    "Hm.\n</think>\n\nHé.\n<minimax:tool_call>\n"
    '<invoke name="f">\n<parameter name="n">3</parameter>\n</invoke>\n</minimax:tool_call>'
)


def feed(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


def test_the_whole_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    tools = tmp_path / "tools.json"
    tools.write_text(json.dumps(TOOLS))
    feed(monkeypatch, RAW.encode())
    assert main(["parse", "--family", "m2", "--tools", str(tools)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "reasoning": "Hm.",
        "content": "Hé.",
        "tool_calls": [{"name": "f", "arguments": {"n": 3}}],
    }


def test_events_as_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    feed(monkeypatch, b"<mm:think>Hm.</mm:think>Hi.")
    assert main(["parse", "--family", "m3", "--events"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"type": "reasoning", "index": 0, "text": "Hm."},
        {"type": "text", "index": 0, "text": "Hi.", "start": 24},
    ]


def test_where_the_output_begins_may_be_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    feed(monkeypatch, b"\nHi \xff.")
    assert main(["parse", "--family", "m2", "--start", "closed"]) == 0
    assert json.loads(capsys.readouterr().out)["content"] == "Hi \ufffd."


def test_tools_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "tools.json").write_text("{}")
    assert main(["parse", "--family", "m2", "--tools", str(tmp_path / "tools.json")]) == 1
    assert "is not an array of tools" in capsys.readouterr().err
    assert main(["parse", "--family", "m2", "--tools", str(tmp_path / "none.json")]) == 1
    assert "cannot be read" in capsys.readouterr().err
