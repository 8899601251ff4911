"""Engines in the configuration: merged key by key, replaced by kind, switched off."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.config import ConfigError, Setting, default_engines, load
from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings


def from_toml(folder: Path, text: str, environ: dict[str, str] | None = None, *flags: Setting) -> dict[str, object]:
    (folder / "maxserve.toml").write_text(text)
    return dict(load(flags, environ or {}, folder).config.engines)


def test_a_key_is_merged_into_the_default_engine(tmp_path: Path) -> None:
    engines = from_toml(tmp_path, "[engines.m2]\nparallel = 8\n")
    assert engines["m2"] == EmbeddedSettings(model="demo-m2", family="m2", parallel=8)


def test_an_empty_table_changes_nothing(tmp_path: Path) -> None:
    assert from_toml(tmp_path, "[server]\n[engines]\n[engines.m2]\n") == default_engines()


def test_another_kind_forgets_what_was_said_of_the_old_one(tmp_path: Path) -> None:
    text = '[engines.m2]\nurl = "http://gpu:8000/v1"\nmodel = "MiniMaxAI/MiniMax-M2.7"\nkind = "openai"\n'
    assert from_toml(tmp_path, text)["m2"] == OpenAIHttpSettings(
        url="http://gpu:8000/v1", model="MiniMaxAI/MiniMax-M2.7"
    )


def test_the_kind_may_come_from_the_environment(tmp_path: Path) -> None:
    environ = {
        "MAXSERVE_ENGINES_M2_CONTEXT": "1000",
        "MAXSERVE_ENGINES_M2_KIND": "openai",
        "MAXSERVE_ENGINES_M2_MODEL": "m",
        "MAXSERVE_ENGINES_M2_URL": "http://gpu/v1",
    }
    engines = from_toml(tmp_path, "[engines.m2]\nparallel = 8\n", environ)
    assert engines["m2"] == OpenAIHttpSettings(url="http://gpu/v1", model="m", context=1000)


@pytest.mark.parametrize(
    ("name", "variable"), [("big_box", "BIG_BOX"), ("big-box", "BIG_BOX"), ("m2_parallel", "M2_PARALLEL")]
)
def test_engine_names_with_underscores_in_variables(name: str, variable: str, tmp_path: Path) -> None:
    text = f'[engines.{name}]\nmodel = "a.gguf"\n'
    engines = from_toml(tmp_path, text, {f"MAXSERVE_ENGINES_{variable}_GPU_LAYERS": "7"})
    engine = engines[name]
    assert isinstance(engine, EmbeddedSettings)
    assert engine.gpu_layers == 7


def test_a_new_engine_from_the_environment_alone(tmp_path: Path) -> None:
    engines = from_toml(
        tmp_path, "", {"MAXSERVE_ENGINES_MY_OWN_MODEL": "a.gguf", "MAXSERVE_ENGINES_MY_OWN_GPU_LAYERS": "1"}
    )
    assert engines["my_own"] == EmbeddedSettings(model="a.gguf", gpu_layers=1)


def test_an_engine_can_be_switched_off(tmp_path: Path) -> None:
    assert list(from_toml(tmp_path, "[engines]\nm3 = false\n")) == ["m2"]
    assert list(from_toml(tmp_path, "", {"MAXSERVE_ENGINES_M2": "off"})) == ["m3"]
    with pytest.raises(ConfigError, match="No engine is left"):
        from_toml(tmp_path, "[engines]\nm2 = false\nm3 = false\n")


def test_a_flag_for_every_engine_means_those_that_know_it(tmp_path: Path) -> None:
    text = '[engines.m3]\nkind = "openai"\nurl = "http://gpu/v1"\nmodel = "m"\n'
    flags = [
        Setting(("engines", "*", "threads"), "2", "--threads", lax=True),
        Setting(("engines", "*", "parallel"), "9", "--parallel", lax=True),
    ]
    engines = from_toml(tmp_path, text, None, *flags)
    assert engines["m2"] == EmbeddedSettings(model="demo-m2", family="m2", threads=2, parallel=9)
    assert engines["m3"] == OpenAIHttpSettings(url="http://gpu/v1", model="m", parallel=9)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[engines.m2]\nkind = "vllm"\n', "engines.m2.kind must be one of embedded, openai, not 'vllm'"),
        ('[engines.x]\nkind = "openai"\nmodel = "m"\n', "engines.x is of kind openai and needs url"),
        ("[engines.x]\nparallel = 2\n", "engines.x is of kind embedded and needs model"),
        ("[engines.m2]\nparalell = 2\n", r"\[engines.m2\] has no key 'paralell'. Did you mean parallel\?"),
        ('[engines.m2]\nparallel = "4"\n', "engines.m2.parallel must be a whole number of at least 1, not '4'"),
        ("[engines.m2]\nparallel = 0\n", "engines.m2.parallel must be a whole number of at least 1, not 0"),
        ("[engines.m2]\ncontext = -5\n", "engines.m2.context must be a whole number of at least 1, not -5"),
        ("[engines.m2]\nstart_timeout_s = 0\n", "engines.m2.start_timeout_s must be a number above 0, not 0"),
        ('[engines.m2]\nfamily = "m4"\n', "engines.m2.family must be one of m2, m3, not 'm4'"),
        ('[engines."My Box"]\nmodel = "x"\n', "'My Box' is no name for an engine"),
        ('[engines.m2]\nkind = ["openai"]\n', "engines.m2.kind must be one of embedded, openai"),
        ("[engines.x]\n", r"\[engines.x\] is empty, and an engine needs a model"),
        ('engines = "m2"\n', "engines must be a table"),
        ("[engines.m2]\nmodel = { a = 1 }\n", "must be a table such as"),
    ],
)
def test_what_is_wrong_is_named(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        from_toml(tmp_path, text)
    assert str(tmp_path / "maxserve.toml") in str(caught.value)
