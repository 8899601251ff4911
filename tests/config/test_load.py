"""Which value wins, and where it says it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import Config, ConfigError, Setting, load
from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings


def write(folder: Path, text: str, name: str = "maxserve.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_defaults_are_the_two_demo_engines_on_loopback(tmp_path: Path) -> None:
    loaded = load(cwd=tmp_path)
    assert loaded.file is None
    assert loaded.config.server.host == "127.0.0.1"
    assert loaded.config.server.port == 8080
    assert loaded.config.auth.keys == ()
    assert loaded.config.engines == {
        "m2": EmbeddedSettings(model="demo-m2", family="m2"),
        "m3": EmbeddedSettings(model="demo-m3", family="m3"),
    }
    assert set(loaded.sources.values()) == {"default"}


def test_the_later_layer_wins_and_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, '[server]\nport = 1\nhost = "::1"\nlog_level = "debug"\n')
    environ = {"MAXSERVE_SERVER_PORT": "2", "MAXSERVE_SERVER_HOST": "localhost"}
    flags = [Setting(("server", "port"), "3", "--port", lax=True)]
    loaded = load(flags, environ, tmp_path)
    server = loaded.config.server
    assert (server.port, server.host, server.log_level, server.drain_s) == (3, "localhost", "debug", 30.0)
    assert loaded.sources["server.port"] == "--port"
    assert loaded.sources["server.host"] == "MAXSERVE_SERVER_HOST"
    assert loaded.sources["server.log_level"] == str(path)
    assert loaded.sources["server.drain_s"] == "default"


def test_which_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / "maxserve").mkdir(parents=True)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(home / "maxserve"))
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    users = write(home / "maxserve", "[server]\nport = 10\n")
    assert load(cwd=cwd).file == users
    here = write(cwd, "[server]\nport = 11\n")
    assert load(cwd=cwd).file == here
    named = write(cwd, "[server]\nport = 12\n", "other.toml")
    assert load(environ={"MAXSERVE_CONFIG": "other.toml"}, cwd=cwd).file == named
    flagged = write(tmp_path, "[server]\nport = 13\n", "flag.toml")
    loaded = load(environ={"MAXSERVE_CONFIG": "other.toml"}, cwd=cwd, file=flagged)
    assert (loaded.file, loaded.config.server.port) == (flagged, 13)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--config names .*no\.toml, which is no file"):
        load(cwd=tmp_path, file=Path("no.toml"))
    with pytest.raises(ConfigError, match="MAXSERVE_CONFIG names"):
        load(environ={"MAXSERVE_CONFIG": "no.toml"}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("environ", "key", "value"),
    [
        ({"MAXSERVE_AUTH_KEYS": "a, b,,c"}, "auth.keys", ("a", "b", "c")),
        ({"MAXSERVE_SERVER_ACCESS_LOG": "on"}, "server.access_log", True),
        ({"MAXSERVE_SERVER_ACCESS_LOG": "false"}, "server.access_log", False),
        ({"MAXSERVE_LIMITS_REQUEST_TIMEOUT_S": "12.5"}, "limits.request_timeout_s", 12.5),
        ({"MAXSERVE_SERVER_PORT": ""}, "server.port", 8080),
        ({"MAXSERVE_PORT": "tcp://10.0.0.1:8080", "MAXSERVE_SERVICE_HOST": "10.0.0.1"}, "server.port", 8080),
        ({"MAXSERVE_URL": "http://x", "MAXSERVE_KEY": "k"}, "server.port", 8080),
    ],
)
def test_environment(environ: dict[str, str], key: str, value: object, tmp_path: Path) -> None:
    table, _, name = key.partition(".")
    assert getattr(getattr(load(environ=environ, cwd=tmp_path).config, table), name) == value


def test_paths_count_from_where_they_were_written(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    write(
        folder,
        'data_dir = "data"\n[catalogue]\nfile = "more.toml"\n[engines.m2]\nmodel = "./m2.gguf"\n'
        '[engines.far]\nkind = "openai"\nurl = "http://a/v1"\nmodel = "m"\ntemplate = "t.jinja"\n',
    )
    config = load(
        environ={"MAXSERVE_ENGINES_M3_MODEL": "../m3.gguf"}, cwd=tmp_path, file=folder / "maxserve.toml"
    ).config
    assert config.data_dir == folder / "data"
    assert config.catalogue.file == folder / "more.toml"
    assert config.engines["m2"].model == str(folder / "m2.gguf")
    assert config.engines["m3"].model == str(tmp_path / "../m3.gguf")
    far = config.engines["far"]
    assert isinstance(far, OpenAIHttpSettings)
    assert far.template == folder / "t.jinja"


def test_data_dir_from_the_environment(tmp_path: Path) -> None:
    assert load(environ={"MAXSERVE_DATA_DIR": "/var/x"}, cwd=tmp_path).config.data_dir == Path("/var/x")


def test_every_struct_default_is_the_loaded_default(tmp_path: Path) -> None:
    loaded = load(cwd=tmp_path)
    assert loaded.config == Config(data_dir=loaded.config.data_dir)
