"""Flags become settings."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from maxserve.cli import serve
from maxserve.cli.options import load_config, split_model
from maxserve.config import ConfigError, Loaded
from maxserve.engines import EmbeddedSettings


def parse(*words: str) -> Namespace:
    parser = ArgumentParser()
    serve.add_arguments(parser)
    return parser.parse_args(words)


def load(*words: str) -> Loaded:
    return load_config(parse(*words))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_plain_flags() -> None:
    loaded = load("--host", "::1", "--port", "0", "--log-level", "debug", "--access-log", "--data-dir", "d")
    server = loaded.config.server
    assert (server.host, server.port, server.log_level, server.access_log) == ("::1", 0, "debug", True)
    assert loaded.config.data_dir == Path.cwd() / "d"
    assert loaded.sources["server.log_level"] == "--log-level"
    assert load("--no-access-log").sources["server.access_log"] == "--access-log"


def test_keys_add_up_and_hide_those_of_the_file() -> None:
    Path("maxserve.toml").write_text('[auth]\nkeys = ["old"]\n')
    assert load("--key", "a", "--key", "b,c").config.auth.keys == ("a", "b,c")
    assert load().config.auth.keys == ("old",)


def test_engine_flags_reach_every_engine() -> None:
    engines = load("--parallel", "2", "--context", "512", "--threads", "1", "--gpu-layers", "0").config.engines
    for name in ("m2", "m3"):
        assert engines[name] == EmbeddedSettings(
            model=f"demo-{name}",
            family=name,
            parallel=2,
            context=512,
            threads=1,
            gpu_layers=0,  # type: ignore[arg-type]
        )


def test_model_and_without() -> None:
    config = load("--model", "m2=./a.gguf", "--without", "m3").config
    assert config.engines == {"m2": EmbeddedSettings(model=str(Path.cwd() / "a.gguf"), family="m2")}
    assert load("--model", "big=org/repo:Q4_K_M").config.engines["big"] == EmbeddedSettings(model="org/repo:Q4_K_M")


@pytest.mark.parametrize(
    ("wish", "engine", "model"),
    [
        ("m2=x.gguf", "m2", "x.gguf"),
        ("m3=/a=b/x.gguf", "m3", "/a=b/x.gguf"),
        ("demo-m3", "m3", "demo-m3"),
        ("/models/MiniMax-M2.7-UD-Q4_K_M.gguf", "m2", "/models/MiniMax-M2.7-UD-Q4_K_M.gguf"),
        ("unsloth/MiniMax-M3-GGUF:UD-IQ1_M", "m3", "unsloth/MiniMax-M3-GGUF:UD-IQ1_M"),
        ("/m2/MiniMax-M3.gguf", "m3", "/m2/MiniMax-M3.gguf"),
        ("minimax-m2/weights.gguf", "m2", "minimax-m2/weights.gguf"),
    ],
)
def test_a_model_says_its_engine(wish: str, engine: str, model: str) -> None:
    assert split_model(wish) == (engine, model)


@pytest.mark.parametrize("wish", ["weights.gguf", "m2-or-m3.gguf", "am2b.gguf"])
def test_or_is_asked_for_it(wish: str) -> None:
    with pytest.raises(ConfigError, match=f"as --model m2={wish} or --model m3={wish}"):
        split_model(wish)


def test_serve_refuses_an_open_door() -> None:
    with pytest.raises(ConfigError, match=r"Listening on 0\.0\.0\.0 lets other machines in"):
        serve.run(parse("--host", "0.0.0.0"))


def test_serve_hands_the_configuration_to_the_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def run(config: object, *, announce: object) -> int:
        seen.append(config)
        announce("listening on http://127.0.0.1:1")  # type: ignore[operator]
        return 7

    monkeypatch.setattr("maxserve.server.run", run)
    assert serve.run(parse("--port", "5")) == 7
    assert seen == [load("--port", "5").config]
    assert capsys.readouterr().out == "listening on http://127.0.0.1:1\n"
