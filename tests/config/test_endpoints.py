"""A path that is bound to no model is found before anybody calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maxserve.catalogue import Catalogue
from maxserve.config import ConfigError, load, refuse_unknown_endpoints


def test_every_wrong_path_is_named(tmp_path: Path) -> None:
    text = '[cloudsway.endpoints]\ngood = "minimax/m2.7"\none = "MiniMax-M2.77"\ntwo = "gpt-9"\n'
    (tmp_path / "maxserve.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        refuse_unknown_endpoints(load(cwd=tmp_path).config, Catalogue.load())
    one, two = caught.value.problems
    assert one.startswith("cloudsway.endpoints.one: The model 'MiniMax-M2.77' does not exist. Did you mean")
    assert two.startswith("cloudsway.endpoints.two: The model 'gpt-9' does not exist.")


@pytest.mark.parametrize("command", [["config", "check"], ["serve", "--port", "0"]])
def test_neither_checked_nor_served(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "maxserve.toml").write_text('[cloudsway.endpoints]\none = "gpt-9"\n')
    done = subprocess.run(
        [sys.executable, "-m", "maxserve", *command], cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert done.returncode != 0
    assert "cloudsway.endpoints.one: The model 'gpt-9' does not exist." in done.stderr
