"""A conversation in a pseudo-terminal, as a person has it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from .scripted import Scripted, call, text

PROMPT = "\x1b\\[36m> \x1b\\[0m"
DIM = "\x1b\\[2m"


@pytest.fixture
def terminal(script: Scripted, tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    tools = tmp_path / "tools.json"
    tools.write_text(json.dumps([{"type": "function", "function": {"name": "weather", "parameters": {}}}]))
    words = ["-m", "maxserve", "chat", "--url", script.url, "--data-dir", str(tmp_path), "--tools", str(tools)]
    environ = os.environ | {"TERM": "xterm", "INPUTRC": "/dev/null"}
    environ.pop("NO_COLOR", None)
    child = pexpect.spawn(
        sys.executable,
        words,
        encoding="utf-8",
        timeout=20,
        env=environ,
        cwd=tmp_path,
        echo=False,  # type: ignore[arg-type]
    )
    child.delaybeforesend = None
    child.expect(PROMPT)
    yield child
    child.close(force=True)


def leave(child: pexpect.spawn[str]) -> None:
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_thoughts_are_dimmed_and_history_is_kept(
    script: Scripted, terminal: pexpect.spawn[str], tmp_path: Path
) -> None:
    script.answers = [text("Paris.", thought="Easy."), text("Berlin.")]
    terminal.sendline("Capital of France?")
    terminal.expect(f"{DIM}Easy.\x1b\\[0m\r\nParis.\r\n")
    terminal.expect("a small demo checkpoint")
    terminal.expect(PROMPT)
    terminal.sendline("And of Germany?")
    terminal.expect("Berlin.\r\n")
    terminal.expect(PROMPT)
    leave(terminal)
    assert [message["content"] for message in script.requests[1]["messages"]] == [
        "Capital of France?", "Paris.", "And of Germany?",
    ]  # fmt: skip
    assert script.requests[1]["messages"][1]["reasoning_content"] == "Easy."
    assert "Capital of France?" in (tmp_path / "chat_history").read_text().replace("\\040", " ")


def test_slash_commands_several_lines_and_errors(script: Scripted, terminal: pexpect.spawn[str]) -> None:
    script.answers = [(500, {"error": {"message": "Oops."}}), text("Fine.")]
    terminal.sendline("/system Be brief.")
    terminal.expect("The system prompt is set.")
    terminal.expect(PROMPT)
    terminal.sendline("lost")
    terminal.expect("The server answered 500: Oops.")
    terminal.expect(PROMPT)
    terminal.sendline("/nonsense")
    terminal.expect("There is no /nonsense")
    terminal.expect(PROMPT)
    terminal.sendline("/model minimax/m4")
    terminal.expect("has no model minimax/m4. Did you mean minimax/m3")
    terminal.expect(PROMPT)
    terminal.sendline("/model MiniMax/M3")
    terminal.expect("The model is MiniMax/M3.")
    terminal.expect(PROMPT)
    terminal.sendline('"""one')
    terminal.expect("… ")
    terminal.sendline('two"""')
    terminal.expect("Fine.")
    terminal.expect(PROMPT)
    terminal.sendline("/tokens")
    terminal.expect("read 7 tokens")
    terminal.expect(PROMPT)
    terminal.sendline("/quit")
    terminal.expect(pexpect.EOF)
    assert [request["model"] for request in script.requests] == ["MiniMax-M2.7", "MiniMax/M3"]
    assert script.requests[1]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one\ntwo"},
    ]


def test_ctrl_c_stops_the_answer_and_not_the_chat(script: Scripted, terminal: pexpect.spawn[str]) -> None:
    script.answers = [[*text("Once upon a time")[:2], "hang"], text("Again.")]
    terminal.sendline("Tell me a story")
    terminal.expect("Once upon a time")
    terminal.sendintr()
    # A signal that comes just before a read begins is seen only after it: a person would press again, too.
    while terminal.expect(["Stopped.", pexpect.TIMEOUT], timeout=2) == 1:
        terminal.sendintr()
    terminal.expect(PROMPT)
    assert script.hung_up.wait(10)
    terminal.sendintr()
    terminal.expect(PROMPT)
    terminal.sendline("/retry")
    terminal.expect("Again.")
    terminal.expect(PROMPT)
    leave(terminal)
    assert [message["content"] for message in script.requests[1]["messages"]] == ["Tell me a story"]


def test_tool_calls_are_shown_and_answered_by_hand(script: Scripted, terminal: pexpect.spawn[str]) -> None:
    script.answers = [call("weather", '{"city":', '"Oslo"}'), text("Rain.")]
    terminal.sendline("Weather?")
    terminal.expect('calls weather\\({"city":"Oslo"}\\)')
    terminal.expect("result of weather: ")
    terminal.sendline("rainy")
    terminal.expect("Rain.")
    terminal.expect(PROMPT)
    leave(terminal)
    assert script.requests[1]["messages"][2] == {"role": "tool", "tool_call_id": "call_1", "content": "rainy"}
