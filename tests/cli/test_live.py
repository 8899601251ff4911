"""The commands against the real server and the demo checkpoints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from tests.support.serving import serving

MAXSERVE = [sys.executable, "-m", "maxserve"]


def processes(mark: str) -> list[str]:
    """Command lines of running processes that hold `mark`."""
    if Path("/proc/self/cmdline").exists():  # small images have no ps
        lines = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    else:
        listing = subprocess.run(["ps", "-axww", "-o", "command="], capture_output=True, text=True, check=True)
        lines = listing.stdout.splitlines()
    return [line for line in lines if mark in line]


def test_chat_starts_a_server_of_its_own_and_leaves_nothing_behind(tmp_path: Path) -> None:
    words = [
        *MAXSERVE,
        "chat",
        "--data-dir",
        str(tmp_path),
        "--max-tokens",
        "200",
        "--json",
        "What is the capital of France?",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["model"] == "MiniMax-M2.7"
    assert answer["choices"][0]["finish_reason"] in ("stop", "length")
    assert not processes(str(tmp_path))


def test_chat_says_why_its_server_did_not_start(tmp_path: Path) -> None:
    words = [*MAXSERVE, "chat", "--weights", "m2=./no.gguf", "--weights", "m3=./no.gguf", "Hi"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == 1
    assert "maxserve: The server did not start." in done.stderr
    assert "no.gguf" in done.stderr


def test_a_killed_chat_takes_its_server_with_it(tmp_path: Path) -> None:
    environ = os.environ | {"TERM": "dumb"}
    words = ["-m", "maxserve", "chat", "--data-dir", str(tmp_path)]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, env=environ, cwd=tmp_path)  # type: ignore[arg-type]
    child.expect("> ")
    assert processes(str(tmp_path))
    child.kill(9)
    child.wait()
    child.close()
    deadline = time.monotonic() + 20
    while processes(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not processes(str(tmp_path))


def test_ctrl_c_in_a_terminal_frees_the_model(tmp_path: Path) -> None:
    with serving("--without", "m3", "--parallel", "1") as served:
        words = ["-m", "maxserve", "chat", "--url", served.url, "--data-dir", str(tmp_path), "--max-tokens", "400"]
        environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
        child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, env=environ)  # type: ignore[arg-type]
        prompt = "> \x1b\\[0m"
        child.expect(prompt)
        child.sendline("Tell me a long story.")
        child.expect("\x1b\\[2m.+")  # it thinks: the answer has begun
        child.sendintr()
        child.expect(prompt)
        child.sendline("/clear")
        child.expect("A new conversation begins.")
        child.expect(prompt)
        child.sendline("Hello!")  # the only slot is free again
        child.expect(prompt)
        child.sendline("/quit")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0


def test_doctor_asks_every_engine(tmp_path: Path) -> None:
    words = [*MAXSERVE, "doctor", "--json", "--port", "0", "--data-dir", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=tmp_path)
    report = json.loads(done.stdout)
    ill = [check for check in report["checks"] if not check["ok"]]
    assert (done.returncode, report["ok"], ill) == (0, True, []), done.stderr
    speeds = [check["tokens_per_second"] for check in report["checks"] if "tokens_per_second" in check]
    assert len(speeds) == 2
    assert min(speeds) > 0
    findings = " ".join(check["finding"] for check in report["checks"])
    assert "sparse attention runs" in findings
    assert "not MiniMax's weights" in findings


def test_doctor_says_what_to_mend(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        words = [*MAXSERVE, "doctor", "--port", port, "--without", "m3", "--model", "m2=./no.gguf"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=tmp_path)
    assert done.returncode == 1
    assert f"MEND  port: 127.0.0.1:{port}: " in done.stdout
    assert "choose another port with --port" in done.stdout
    assert "MEND  engine m2: " in done.stdout
    assert done.stdout.endswith("2 to mend.\n")


def test_doctor_tells_of_a_wrong_configuration(tmp_path: Path) -> None:
    words = [*MAXSERVE, "doctor", "--json", "--host", "0.0.0.0", "--catalogue", "no.toml"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    ill = [check for check in json.loads(done.stdout)["checks"] if not check["ok"]]
    assert done.returncode == 1
    assert [check["name"] for check in ill] == ["configuration"]
    assert "no key is set" in ill[0]["finding"]


@pytest.mark.parametrize("end", ["input", "signal"])
def test_serve_stops_when_its_input_ends_or_it_is_told_to(end: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*MAXSERVE, "serve", "--port", "0", "--without", "m3", "--stop-with-stdin", "--data-dir", str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
    if end == "signal":
        process.terminate()
        process.wait(30)  # with its input still open
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert not processes(str(tmp_path))


@pytest.mark.parametrize("flags", [("--host", "0.0.0.0"), ("--port", "99999"), ("--modle", "x")])
def test_serve_refuses_with_2(flags: tuple[str, str], tmp_path: Path) -> None:
    done = subprocess.run([*MAXSERVE, "serve", *flags], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
