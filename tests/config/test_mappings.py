"""Tables whose names the user chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import Config, ConfigError, load
from maxserve.config.show import to_toml


def from_toml(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (folder / "maxserve.toml").write_text(text)
    return load((), environ or {}, folder).config


def test_a_table_of_names(tmp_path: Path) -> None:
    text = '[cloudsway.endpoints]\ncGmuyz = "MiniMax-M2.7"\n"a.b" = "MiniMax-M3"\n'
    assert from_toml(tmp_path, text).cloudsway.endpoints == {"cGmuyz": "MiniMax-M2.7", "a.b": "MiniMax-M3"}


def test_the_environment_adds_and_replaces_names(tmp_path: Path) -> None:
    environ = {"MAXSERVE_CLOUDSWAY_ENDPOINTS": "b=MiniMax-M3, c = demo-m2"}
    endpoints = from_toml(tmp_path, '[cloudsway.endpoints]\na = "x"\nb = "y"\n', environ).cloudsway.endpoints
    assert endpoints == {"a": "x", "b": "MiniMax-M3", "c": "demo-m2"}


def test_what_is_shown_reads_back(tmp_path: Path) -> None:
    (tmp_path / "maxserve.toml").write_text('[cloudsway.endpoints]\n"a b" = "x"\nc = "y"\n')
    loaded = load((), {}, tmp_path)
    shown = to_toml(loaded)
    assert 'endpoints = { "a b" = "x", "c" = "y" }' in shown
    again = tmp_path / "again"
    again.mkdir()
    assert from_toml(again, shown) == loaded.config


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cloudsway.endpoints]\na = 1\n", "a table of names, each with a text"),
        ('[minimax]\nfinal_frame = ["all"]\n', "a list of one of chat, native"),
    ],
)
def test_wrong_tables_are_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        from_toml(tmp_path, text)


def test_a_pair_without_a_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cloudsway\.endpoints"):
        from_toml(tmp_path, "", {"MAXSERVE_CLOUDSWAY_ENDPOINTS": "lonely"})
