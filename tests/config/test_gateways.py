"""Gateways in the configuration: tables that the user names, over the default one."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import Config, ConfigError, load
from maxserve.config.show import to_json, to_toml
from maxserve.gateway import GatewaySettings, SpendLimit


def from_toml(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (folder / "maxserve.toml").write_text(text)
    return load((), environ or {}, folder).config


def test_there_is_always_a_default_gateway(tmp_path: Path) -> None:
    assert from_toml(tmp_path, "").gateways == {"default": GatewaySettings()}
    gateways = from_toml(tmp_path, "[gateways.mine]\ncache_ttl_s = 60\n[gateways.bare]\n").gateways
    assert gateways == {
        "default": GatewaySettings(), "mine": GatewaySettings(cache_ttl_s=60.0), "bare": GatewaySettings(),
    }  # fmt: skip


def test_budgets_and_variables(tmp_path: Path) -> None:
    text = '[[gateways.default.spend_limits]]\nid = "day"\nlimit = 5\nwindow_s = 86400\nper = ["team"]\n'
    environ = {"MAXSERVE_GATEWAYS_DEFAULT_RATE_LIMIT": "7", "MAXSERVE_GATEWAYS_BIG_TEAM_CACHE_TTL_S": "9"}
    gateways = from_toml(tmp_path, text, environ).gateways
    rule = SpendLimit(id="day", limit=5.0, window_s=86400.0, per=("team",))
    assert gateways["default"] == GatewaySettings(rate_limit=7, spend_limits=(rule,))
    assert gateways["big_team"].cache_ttl_s == 9


def test_what_is_shown_reads_back(tmp_path: Path) -> None:
    text = '[[gateways.x.spend_limits]]\nid = "day"\nlimit = 5\nwindow_s = 86400\nmetadata = { env = "prod" }\n'
    (tmp_path / "maxserve.toml").write_text(text)
    loaded = load((), {}, tmp_path)
    again = tmp_path / "again"
    again.mkdir()
    assert from_toml(again, to_toml(loaded)) == loaded.config
    assert '"env": "prod"' in to_json(loaded)


def test_a_databases_password_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "maxserve.toml").write_text('[store]\nurl = "postgresql://me:hidden-word@db/maxserve"\n')
    assert "hidden-word" not in to_toml(load((), {}, tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gateways.x]\ncache_tll_s = 1\n", "Did you mean cache_ttl_s"),
        ("[gateways]\nx = 1\n", r"must be a table, \[gateways\.NAME\]"),
        ("[gateways.x]\nmax_attempts = 9\n", "a whole number from 1 to 5"),
        ("[gateways.x]\nspend_limits = [1]\n", "a list of tables, each with id, limit, window_s"),
        ("[gateways.x.cache_ttl_s]\ny = 1\n", "goes too deep"),
    ],
)
def test_wrong_tables_are_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        from_toml(tmp_path, text)
