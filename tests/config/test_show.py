"""A configuration written out says where each value comes from, can be read again, and keeps its secrets."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.config import Setting, load, to_json, to_toml

SECRETS = {"MAXSERVE_AUTH_KEYS": "hunter2,sesame", "MAXSERVE_ENGINES_UP_KEY": "opensesame"}
UPSTREAM = {
    "MAXSERVE_ENGINES_UP_KIND": "openai",
    "MAXSERVE_ENGINES_UP_URL": "http://gpu/v1",
    "MAXSERVE_ENGINES_UP_MODEL": "m",
}


def test_toml_names_sources(tmp_path: Path) -> None:
    text = to_toml(load(environ={"MAXSERVE_SERVER_PORT": "9"}, cwd=tmp_path))
    assert "port = 9  # from MAXSERVE_SERVER_PORT" in text
    assert 'host = "127.0.0.1"  # from default' in text
    assert "# context is not set" in text


def test_secrets_are_hidden(tmp_path: Path) -> None:
    loaded = load(environ=SECRETS | UPSTREAM, cwd=tmp_path)
    for text in (to_toml(loaded), to_json(loaded)):
        assert "hunter2" not in text
        assert "sesame" not in text
        assert "********" in text


def test_json_has_value_and_source(tmp_path: Path) -> None:
    document = json.loads(to_json(load(environ=UPSTREAM, cwd=tmp_path)))
    assert document["file"] is None
    assert document["values"]["engines.up.url"] == {"value": "http://gpu/v1", "source": "MAXSERVE_ENGINES_UP_URL"}
    assert document["values"]["server.port"] == {"value": 8080, "source": "default"}


@settings(deadline=None)  # two files are written and read for each
@given(
    host=st.text(min_size=1).filter(lambda text: text.isprintable() or "\t" in text),
    seconds=st.floats(min_value=0.001, max_value=1e9),
    port=st.integers(0, 65535),
    log=st.booleans(),
)
def test_toml_reads_back_the_same(host: str, seconds: float, port: int, log: bool, tmp_path_factory: object) -> None:
    folder = tmp_path_factory.mktemp("toml")  # type: ignore[attr-defined]
    flags = [
        Setting(("server", "host"), host, "--host"),
        Setting(("server", "port"), port, "--port"),
        Setting(("server", "access_log"), log, "--access-log"),
        Setting(("limits", "request_timeout_s"), seconds, "--t"),
    ]
    first = load(flags, UPSTREAM, folder)
    (folder / "maxserve.toml").write_text(to_toml(first), encoding="utf-8")
    assert load(cwd=folder).config == first.config
