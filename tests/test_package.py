"""What is installed is complete, and what it needs is bounded."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import maxserve

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_version() -> None:
    assert importlib.metadata.version("maxserve") == maxserve.__version__


def test_data_is_installed() -> None:
    root = files("maxserve")
    for name in ("py.typed", "catalogue/models.toml", "families/templates/m2.jinja", "families/templates/m3.jinja"):
        assert root.joinpath(name).is_file(), name
    for name in ("demo-m2", "demo-m3"):
        with root.joinpath("checkpoints", f"{name}.gguf").open("rb") as file:
            assert file.read(4) == b"GGUF", name


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        for requirement in group:
            bounds = requirement.partition(";")[0]
            assert re.search(r">=[0-9.]+,<[0-9.]+\s*$", bounds), requirement
