"""`maxserve mask`: text in, masked text out, piece by piece."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maxserve.cli.main import main


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def run(monkeypatch: pytest.MonkeyPatch, data: bytes, *flags: str) -> int:
    monkeypatch.setattr(sys, "stdin", _Stdin(data))
    return main(["mask", *flags])


TEXT = "Mail jane@example.com, ask Ann Lee, badge EMP-1234, tel +49 30 901820"


@pytest.mark.parametrize(
    ("flags", "masked"),
    [
        ((), "Mail ***, ask Ann Lee, badge EMP-1234, tel ***"),
        (("--labels",), "Mail [EMAIL], ask Ann Lee, badge EMP-1234, tel [PHONE]"),
        (("--detector", "phone"), "Mail jane@example.com, ask Ann Lee, badge EMP-1234, tel ***"),
        (("--name", "ann lee", "--labels"), "Mail [EMAIL], ask [NAME], badge EMP-1234, tel [PHONE]"),
        (("--pattern", "badge=EMP-\\d{4}", "--labels"), "Mail [EMAIL], ask Ann Lee, badge [BADGE], tel [PHONE]"),
    ],
)
def test_masked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], masked: str
) -> None:
    assert run(monkeypatch, TEXT.encode(), *flags) == 0
    assert capsys.readouterr().out == masked


def test_the_configuration_holds_and_flags_come_on_top(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "maxserve.toml"
    file.write_text('[masking]\nstyle = "labels"\ndetectors = ["email"]\nnames = ["Ann Lee"]\n')
    assert run(monkeypatch, TEXT.encode(), "--config", str(file), "--pattern", "badge=EMP-\\d{4}") == 0
    assert capsys.readouterr().out == "Mail [EMAIL], ask [NAME], badge [BADGE], tel +49 30 901820"


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (("--detector", "emial"), "There is no detector 'emial'"),
        (("--pattern", "all=.+"), "matches too much"),
        (("--name", "x"), "no name to look for"),
    ],
)
def test_what_will_not_do_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], complaint: str
) -> None:
    assert run(monkeypatch, b"", *flags) == 2
    assert complaint in capsys.readouterr().err


def test_a_pipe_is_masked_piece_by_piece(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "maxserve", "mask"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        child.stdin.write(b"Mail jane@exam")
        child.stdin.flush()
        assert child.stdout.read(5) == b"Mail "  # while the rest may still be a secret
        child.stdin.write("ple.com und grüße".encode()[:-3])
        child.stdin.flush()
        assert child.stdout.read(8) == b"*** und "
        child.stdin.close()
        assert child.stdout.read().decode().startswith("gr")
    assert child.returncode == 0
