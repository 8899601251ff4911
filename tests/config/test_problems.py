"""A wrong configuration is refused with sentences that say what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import ConfigError, Setting, is_loopback, load, refuse_unprotected_address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[server]\nprot = 1\n", r"\[server\] has no key 'prot'. Did you mean port\? It knows access_log, "),
        ("[sever]\nport = 1\n", r"the top level has no key 'sever'. Did you mean server\?"),
        ('[server]\nport = "80"\n', "server.port must be a whole number from 0 to 65535, not '80'"),
        ("[server]\nport = 70000\n", "server.port must be a whole number from 0 to 65535, not 70000"),
        ("[server]\nport = true\n", "server.port must be a whole number from 0 to 65535, not True"),
        ('[server]\nlog_level = "warn"\n', "must be one of debug, error, info, warning, not 'warn'"),
        ("[server]\nkeep_alive_comment_s = 0\n", "must be a number above 0, not 0"),
        ("[server]\naccess_log = 1\n", "must be true or false, not 1"),
        ("[limits]\nmax_queue = -1\n", "must be a whole number of at least 0, not -1"),
        ('[auth]\nkeys = "secret"\n', "auth.keys must be a list of texts, not another value"),
        ("[catalogue]\nfile = 1\n", "catalogue.file must be a path, not 1"),
        ("server = 1\n", r"server must be a table, \[server\]"),
        ("data_dir = { a = 1 }\n", "has no key 'a'"),
        ('[auth]\nkeys = ["sha256:abc"]\n', "each of auth.keys must be a key: a key is the secret"),
        ('[auth]\nkeys = [" a"]\n', "each of auth.keys must be a key: a key is the secret"),
        ("[server\n", "is no valid TOML"),
    ],
)
def test_file(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=problem) as caught:
        load(cwd=tmp_path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MAXSERVE_SERVER_PROT", "1", r"^MAXSERVE_SERVER_PROT: \[server\] has no key 'prot'. Did you mean port\?"),
        ("MAXSERVE_SERVER_PORT", "x", "^MAXSERVE_SERVER_PORT: server.port must be a whole number from 0 to 65535"),
        ("MAXSERVE_SEVER_PORT", "1", "^MAXSERVE_SEVER_PORT: the top level has no key 'sever_port'"),
        ("MAXSERVE_SERVER", "1", "^MAXSERVE_SERVER: server must be a table"),
        ("MAXSERVE_SERVER_ACCESS_LOG", "maybe", "must be true or false, not 'maybe'"),
        ("MAXSERVE_ENGINES_M2_PARALEL", "1", r"\[engines.m2\] has no key 'paralel'"),
    ],
)
def test_environment(name: str, value: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=problem):
        load(environ={name: value}, cwd=tmp_path)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    environ = {"MAXSERVE_SERVER_PORT": "x", "MAXSERVE_LIMITS_MAX_N": "0", "MAXSERVE_SERVER_HST": "a"}
    with pytest.raises(ConfigError) as caught:
        load([Setting(("server", "drain_s"), "-1", "--drain-s", lax=True)], environ, tmp_path)
    assert len(caught.value.problems) == 4


def test_a_secret_is_not_repeated_in_a_problem(tmp_path: Path) -> None:
    (tmp_path / "maxserve.toml").write_text("[engines.x]\nkind = 'openai'\nurl = 'u'\nmodel = 'm'\nkey = ['hunter2']\n")
    with pytest.raises(ConfigError, match=r"engines.x.key must be a text") as caught:
        load(cwd=tmp_path)
    assert "hunter2" not in str(caught.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is no valid TOML"):
        load(cwd=tmp_path)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "")),
    ],
)
def test_the_door_is_open_only_on_loopback(host: str, local: bool, tmp_path: Path) -> None:
    assert is_loopback(host) is local
    flag = Setting(("server", "host"), host, "--host")
    config = load([flag], cwd=tmp_path).config
    if local:
        refuse_unprotected_address(config)
    else:
        with pytest.raises(ConfigError, match="Give one with --key"):
            refuse_unprotected_address(config)
    refuse_unprotected_address(load([flag, Setting(("auth", "keys"), ["k"], "--key")], cwd=tmp_path).config)
