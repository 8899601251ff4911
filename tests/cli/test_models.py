"""`maxserve models` and `maxserve config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maxserve.cli.main import main
from maxserve.config import load


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert ["MiniMax-M2.7", "m2", "demo-m2", "204,800", "204,800", "0.30/1.20"] in [
        line.split() for line in out.splitlines()
    ]
    assert "also minimax/m3, " in out
    assert "small weights answer that ship with maxserve, not MiniMax's" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    assert rows["MiniMax-M3"]["checkpoint"] == "demo-m3"
    assert rows["MiniMax-M3"]["demo"] is True
    assert rows["MiniMax-M2.7"]["price"]["output"] == 1.2
    assert "minimax:m2.7@0" in rows["MiniMax-M2.7"]["aliases"]


def test_an_engine_that_is_off_shows(capsys: pytest.CaptureFixture[str]) -> None:
    Path("maxserve.toml").write_text('[engines]\nm3 = false\n[engines.m2]\nmodel = "/w/m2.gguf"\n')
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert "has no engine in this configuration" in out
    assert "demo-…" not in out


def test_config_show_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    Path("maxserve.toml").write_text("[server]\nport = 99\n")
    assert main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "port = 99  # from " in shown
    Path("again.toml").write_text(shown)
    assert load(cwd=Path.cwd(), file=Path("again.toml")).config == load(cwd=Path.cwd()).config
    assert main(["config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["values"]["server.port"]["value"] == 99
    assert main(["config", "check"]) == 0
    assert "The configuration is right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[server]\nhost = "0.0.0.0"\n', "no key is set"),
        ('[catalogue]\nfile = "no.toml"\n', "The catalogue cannot be read"),
    ],
)
def test_config_check_finds_what_tables_alone_do_not_show(
    text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("maxserve.toml").write_text(text)
    assert main(["config", "check"]) == 2
    assert problem in capsys.readouterr().err
