"""Secrets of webhooks: from file and environment, checked at start, never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maxserve.cli.main import main
from maxserve.config import ConfigError, load

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PADDED = "whsec_bm90aGluZyBidXQgdGhlIHRydXRoLCBzaWduZWQ="


def test_they_come_from_the_file_and_the_environment_alike(tmp_path: Path) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text(f'[webhooks]\nsecrets = ["{SECRET}"]\n')
    assert load((), {}, tmp_path).config.webhooks.secrets == (SECRET,)
    environ = {"MAXSERVE_WEBHOOKS_SECRETS": f"{PADDED}, {SECRET}"}
    assert load((), environ, tmp_path).config.webhooks.secrets == (PADDED, SECRET)


def test_a_wrong_one_is_an_error_at_start_that_names_its_place_and_does_not_show_it(tmp_path: Path) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text('[webhooks]\nsecrets = ["whsec_c2hvcnQ="]\n')
    with pytest.raises(ConfigError) as told:
        load(cwd=tmp_path)
    said = str(told.value)
    assert said.endswith(
        "webhooks.secrets: each secret must be whsec_ and the Base64 of 24 to 64 random bytes; one has 5 bytes."
    )
    assert str(path) in said
    assert "c2hvcnQ" not in said


def test_they_are_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text(f'[webhooks]\nsecrets = ["{SECRET}"]\n')
    for flags in ([], ["--json"]):
        assert main(["config", "show", "--config", str(path), *flags]) in (0, None)
        shown = capsys.readouterr().out
        assert "secrets" in shown
        assert SECRET not in shown
    assert json.loads(shown)
