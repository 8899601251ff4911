"""The secret of signatures: configured, or made once and kept."""

from __future__ import annotations

import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maxserve.config import Config
from maxserve.config.settings import AuthSettings
from maxserve.server.signing import FILE, kept_secret, signing_secret


def test_a_configured_key_is_taken_as_it_is(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, auth=AuthSettings(signing_key="ours"))
    assert signing_secret(config) == b"ours"
    assert not list(tmp_path.iterdir())


def test_a_random_one_is_made_once_and_for_nobody_elses_eyes(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "new")
    secret = signing_secret(config)
    assert len(secret) == 32
    assert signing_secret(config) == secret
    (path,) = (tmp_path / "new").iterdir()
    assert path.name == FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_servers_that_start_together_share_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: kept_secret(tmp_path / FILE), range(32)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("damage", ["", "not hex", "abcd"])
def test_a_damaged_file_is_replaced_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    path = tmp_path / FILE
    path.write_text(damage)
    with caplog.at_level(logging.WARNING):
        secret = kept_secret(path)
    assert "holds no signing key" in caplog.text
    assert kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_folder_to_write_in_the_server_serves_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    config = Config(data_dir=tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        assert len(signing_secret(config)) == 32
    assert "signatures are valid until restart" in caplog.text
