"""Every spelling of every vendor finds its model."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import UnknownModel, Usage

SHIPPED = Catalogue.load()

SPELLINGS = {
    "MiniMax-M2.7": [
        "minimax-m2.7", "minimax/m2.7", "@cf/minimax/m2.7", "minimax/minimax-m2.7", "minimax/MiniMax-M2.7",
        "MiniMaxAI/MiniMax-M2.7", "minimax:m2.7@0", "minimax-m2-7", "MaaS_Minimax_M2.7_20260318", "MaaS_MiniMax_M2.7",
        "MaaS_MiniMax_M2.5/2.7",
    ],
    "MiniMax-M2.7-highspeed": ["minimax:m2.7@highspeed", "minimax/m2.7-highspeed", "minimax-m2-7-highspeed"],
    "MiniMax-M2.5": ["minimax/m2.5", "minimax:m2.5@0", "minimax-m2-5", "MaaS_MiniMax_M2.5", "MiniMaxAI/MiniMax-M2.5"],
    "MiniMax-M2.5-highspeed": ["minimax/m2.5-highspeed", "minimax:m2.5@highspeed"],
    "MiniMax-M2.1": ["minimax/m2.1", "MiniMaxAI/MiniMax-M2.1"],
    "MiniMax-M2.1-highspeed": ["minimax/m2.1-highspeed"],
    "MiniMax-M2": ["minimax/m2", "minimax-m2", "MiniMaxAI/MiniMax-M2"],
    "MiniMax-M3": ["minimax/m3", "minimax-m3", "minimax:m3@0", "MiniMaxAI/MiniMax-M3", "minimax/minimax-m3"],
    "demo-m2": ["DEMO-M2"],
    "demo-m3": [],
}  # fmt: skip


def test_the_shipped_models_are_these_in_this_order() -> None:
    assert [model.name for model in SHIPPED.models] == list(SPELLINGS)


@pytest.mark.parametrize(
    ("spelling", "name"), [(spelling, name) for name, all_ in SPELLINGS.items() for spelling in [name, *all_]]
)
def test_spelling(spelling: str, name: str) -> None:
    for cased in (spelling, spelling.lower(), spelling.upper()):
        assert SHIPPED.resolve(cased).name == name


def test_no_spelling_stands_for_two_models() -> None:
    folded = [name.lower() for name, _ in SHIPPED.names]
    assert len(folded) == len(set(folded))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("minimax/m2.8", "minimax/m2."), ("minimax-m27", "MiniMax-M2.7"), ("MiniMax-M-3", "MiniMax-M3")],
)
def test_near_misses_are_named(wrong: str, meant: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        SHIPPED.resolve(wrong)
    assert caught.value.param == "model"
    assert f"The model '{wrong}' does not exist. Did you mean " in caught.value.message
    assert meant in caught.value.message


def test_a_stranger_is_sent_to_the_list() -> None:
    with pytest.raises(UnknownModel, match="GET /v1/models lists the names"):
        SHIPPED.resolve("gpt-4o")


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("MiniMax-M2.7", Usage(1_000_000, 1_000_000), 0.30 + 1.20),
        ("MiniMax-M2.7", Usage(1_000_000, 0, 1_000_000), 0.06),
        ("MiniMax-M2.7", Usage(1000, 100, 400, 60), (600 * 0.30 + 400 * 0.06 + 100 * 1.20) / 1e6),
        ("MiniMax-M2.7-highspeed", Usage(1000, 100), (1000 * 0.60 + 100 * 2.40) / 1e6),
        ("MiniMax-M3", Usage(524_288, 10, 4), (524_284 * 0.30 + 4 * 0.06 + 10 * 1.20) / 1e6),
        ("MiniMax-M3", Usage(524_289, 10, 4), (524_285 * 0.60 + 4 * 0.12 + 10 * 2.40) / 1e6),
        ("demo-m2", Usage(1000, 1000, 10, 10), 0),
        ("MiniMax-M3", Usage(), 0),
    ],
)
def test_cost(model: str, usage: Usage, dollars: float) -> None:
    assert SHIPPED.resolve(model).price.cost(usage) == pytest.approx(dollars, rel=1e-12)


def test_limits_and_prices_are_sane() -> None:
    for model in SHIPPED.models:
        assert 0 < model.max_output <= model.context
        assert model.engine == model.family
        price = model.price
        assert price.cache_read <= price.input <= price.output
        assert price.long_from is None or price.long_input >= price.input
    assert SHIPPED.resolve("MiniMax-M2.7").price.output == 1.2
    assert SHIPPED.resolve("MiniMax-M2.7-highspeed").price.output == 2.4
    assert SHIPPED.resolve("MiniMax-M3").context == 1_000_000


MINE = """
[[models]]
name = "MiniMax-M3"
family = "m3"
engine = "cluster"
context = 10
max_output = 5
created = 1
licence = "none"
aliases = ["house/m3"]

[[models]]
name = "mine"
family = "m2"
engine = "m2"
context = 10
max_output = 5
created = 1
licence = "none"
"""


def test_the_users_file_replaces_and_adds(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(MINE)
    catalogue = Catalogue.load(path)
    assert catalogue.resolve("house/m3").engine == "cluster"
    assert catalogue.resolve("mine").family == "m2"
    assert catalogue.resolve("minimax/m2.7") == SHIPPED.resolve("minimax/m2.7")
    with pytest.raises(UnknownModel):
        catalogue.resolve("minimax/m3")


@pytest.mark.parametrize("text", ["models = 1\n", "[[models]]\nname = 'x'\n", "[[models]\n", MINE + "speed = 3\n"])
def test_a_wrong_file_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"mine\.toml: "):
        Catalogue.load(path)
