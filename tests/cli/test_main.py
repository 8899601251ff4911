"""The entry: help, versions, unknown words, errors as sentences, and nothing imported that is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maxserve import __version__
from maxserve.cli.main import COMMANDS, build_parser, main


def maxserve(*words: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "maxserve", *words],
        capture_output=True, text=True, timeout=60, cwd=cwd, env=os.environ | environ, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_version() -> None:
    done = maxserve("--version")
    assert (done.returncode, done.stdout) == (0, f"maxserve {__version__}\n")


def test_without_a_command_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert f"usage: maxserve {command}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["sevre"], ["serve", "--prot", "1"], ["models", "push"], ["config"]])
def test_a_wrong_call_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert "usage: maxserve" in err
    assert "--help." in err


def test_a_wrong_configuration_exits_with_2(tmp_path: Path) -> None:
    done = maxserve("config", "check", cwd=tmp_path, MAXSERVE_SERVER_PROT="1", MAXSERVE_SERVER_PORT="x")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("maxserve: MAXSERVE_SERVER_P") for line in lines)


def test_a_reader_that_leaves_early_is_no_error() -> None:
    line = f"{sys.executable} -m maxserve models | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr == ""


def test_only_the_chosen_command_is_imported() -> None:
    code = "import sys; from maxserve.cli.main import main; main(['config', 'show']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    modules = set(done.stdout.split())
    assert "maxserve.cli.config" in modules
    assert not modules & {
        "maxserve.cli.chat",
        "maxserve.server",
        "uvicorn",
        "starlette",
        "xllamacpp",
        "huggingface_hub",
    }


def test_the_parser_knows_all_commands() -> None:
    parser = build_parser()
    for name in COMMANDS:
        assert parser.parse_args([name]).command == name
