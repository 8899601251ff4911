"""The `[masking]` table: what it says becomes a policy, and what will not do is refused when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import ConfigError, load


def written(folder: Path, text: str) -> Path:
    path = folder / "maxserve.toml"
    path.write_text(f"[masking]\n{text}\n", encoding="utf-8")
    return path


def test_it_becomes_a_policy(tmp_path: Path) -> None:
    written(
        tmp_path,
        'enabled = true\nstyle = "labels"\ndetectors = ["email"]\n'
        'names = ["Ann Lee"]\npatterns = ["staff=EMP-\\\\d{2,4}"]',
    )
    policy = load(cwd=tmp_path).config.masking.policy()
    assert policy.wanted(None)
    assert policy.names() == ("email", "staff", "names")
    assert policy.mask("ann lee, EMP-123, a@b.com, 192.0.2.1") == "[NAME], [STAFF], [EMAIL], 192.0.2.1"


def test_it_is_off_unless_it_is_switched_on(tmp_path: Path) -> None:
    policy = load(cwd=tmp_path).config.masking.policy()
    assert not policy.wanted(None)
    assert policy.wanted(True)
    environ = {"MAXSERVE_MASKING_ENABLED": "on", "MAXSERVE_MASKING_DETECTORS": "email, phone"}
    policy = load(environ=environ, cwd=tmp_path).config.masking.policy()
    assert policy.wanted(None)
    assert policy.names() == ("email", "phone")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('detectors = ["emial"]', "There is no detector 'emial'; there are private_key, api_key"),
        ('patterns = ["all=.*x?"]', "would match nothing at all"),
        ('patterns = ["digits=\\\\d+"]', "matches too much"),
        ('patterns = ["EMP-1"]', "not of the form LABEL=PATTERN"),
        ('names = ["x"]', "no name to look for"),
        ('style = "dots"', "must be one of labels, stars"),
    ],
)
def test_what_will_not_do_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(cwd=tmp_path)
    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)
