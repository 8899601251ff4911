"""`maxserve chat` against a scripted server: one answer, pipes, errors."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from maxserve.cli.main import main

from .scripted import Scripted, text


class Pipe(io.StringIO):
    """Standard input that is no terminal."""

    def isatty(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Pipe(""))


def test_one_answer(script: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [text("The capital of France ", "is Paris.", thought="Easy.")]
    words = [
        "chat",
        "--url",
        script.url,
        "--key",
        "k",
        "--seed",
        "1",
        "--temperature",
        "0",
        "What is the capital",
        "of France?",
    ]
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.out == "The capital of France is Paris.\n"
    assert "Easy." not in captured.err, "thoughts are for terminals"
    assert "demo-m2 answered: a small demo checkpoint" in captured.err
    assert script.requests[0]["messages"] == [{"role": "user", "content": "What is the capital of France?"}]
    assert script.requests[0]["seed"] == 1
    assert script.headers[0]["Authorization"] == "Bearer k"


def test_a_thought_inside_the_content_is_none_of_the_answer(
    script: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    script.answers = [text("<think>\nEasy.", "\n</think>\n\nThe capital of France ", "is Paris.")]
    assert main(["chat", "--url", script.url, "What is the capital of France?"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "The capital of France is Paris.\n"
    assert "Easy." not in captured.err


def test_a_pipe_is_the_question(
    script: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script.answers = [text("A."), text("B.")]
    monkeypatch.setattr("sys.stdin", Pipe("two\nlines\n"))
    assert main(["chat", "--url", script.url]) == 0
    monkeypatch.setattr("sys.stdin", Pipe("the text\n"))
    assert main(["chat", "--url", script.url, "--system", "S", "Summarise this:"]) == 0
    assert script.requests[0]["messages"] == [{"role": "user", "content": "two\nlines"}]
    assert script.requests[1]["messages"] == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Summarise this:\n\nthe text"},
    ]
    assert capsys.readouterr().out == "A.\nB.\n"


def test_json_is_the_raw_response(script: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [{"id": "x", "choices": []}]
    assert main(["chat", "--url", script.url + "/v1", "--json", "--thinking", "off", "Hi"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "x", "choices": []}
    assert "stream_options" not in script.requests[0]
    assert script.requests[0]["thinking"] == {"type": "disabled"}


def test_a_cut_answer_is_said_to_be_cut(script: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [text("Once upon", reason="length")]
    assert main(["chat", "--url", script.url, "--max-tokens", "2", "Tell."]) == 0
    assert "it reached its longest length" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ((404, {"error": {"message": "No such model."}}), "The server answered 404: No such model."),
        ((502, b"<html>bad gateway"), "The server answered 502: <html>bad gateway"),
        ([{"choices": [{"delta": {"content": "Hal"}}]}, {"error": {"message": "Crashed."}}], "broke off: Crashed."),
    ],
)
def test_errors_are_sentences(
    answer: object, complaint: str, script: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    script.answers = [answer]
    assert main(["chat", "--url", script.url, "Hi"]) == 1
    assert complaint in capsys.readouterr().err


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, complaint in (
        (["chat", "--url", "http://127.0.0.1:1", "Hi"], "http://127.0.0.1:1 cannot be reached: "),
        (["chat", "--url", "ftp://x", "Hi"], "ftp://x is no address of a server"),
        (["chat", "--url", "http://x"], "There is no question"),
        (["chat", "--tools", str(tmp_path / "no"), "Hi"], "cannot be read as a JSON list of tools"),
    ):
        assert main(words) == 1
        assert complaint in capsys.readouterr().err
