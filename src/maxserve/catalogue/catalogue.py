"""Models by name; data in `models.toml`, which the user's own file may extend or override."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from ..chat import UnknownModel, Usage


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars per million tokens; above `long_from` prompt tokens the `long_…` prices hold (MiniMax's list)."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0
    long_from: int | None = None
    long_input: float = 0.0
    long_output: float = 0.0
    long_cache_read: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Return what an answer costs in US dollars: cached prompt tokens at their own price."""
        long = self.long_from is not None and usage.prompt > self.long_from
        read = self.long_input if long else self.input
        cached = self.long_cache_read if long else self.cache_read
        written = self.long_output if long else self.output
        fresh = usage.prompt - usage.cached
        return (fresh * read + usage.cached * cached + usage.completion * written) / 1_000_000


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sampling where the request says nothing (docs/wire/minimax.md §14.7, §15.7)."""

    temperature: float = 1.0
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.0


DEMO_DEFAULTS = Defaults(temperature=0.3, min_p=0.1)
"""For the demo checkpoints: MiniMax's temperature of 1 suits hundreds of billions of parameters, not five million."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of the catalogue.

    `name` is MiniMax's own; `aliases` are every other vendor's spellings. `context` and `max_output` are the public
    limits in tokens; what is loaded may have less. `engine` names the engine of the configuration that answers.
    `created` is in Unix seconds. `identity` is the sentence of the default system prompt that names the model.
    """

    name: str
    family: Literal["m2", "m3"]
    engine: str
    context: int
    max_output: int
    created: int
    licence: str
    aliases: tuple[str, ...] = ()
    owned_by: str = "minimax"
    identity: str | None = None
    default_output: int | None = None
    price: Price = Price()
    defaults: Defaults = Defaults()
    vision: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    models: list[Model]


class Catalogue:
    """Resolves any spelling of a model's name; case does not matter."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models: dict[str, Model] = {}
        self._names: dict[str, str] = {}
        self._by_name: dict[str, Model] = {}
        for model in models:
            self._models[model.name] = model
            for name in (model.name, *model.aliases):
                self._names[name] = model.name
                self._by_name[name.lower()] = model

    @classmethod
    def load(cls, extra: Path | None = None) -> Catalogue:
        """Read the shipped models, then `extra` (same form): a model of the same name replaces the shipped one.

        Raises `ValueError` with the file's name where it is not valid.
        """
        shipped = (files(__package__) / "models.toml").read_text(encoding="utf-8")
        models = {model.name: model for model in _decode(shipped, "models.toml")}
        if extra is not None:
            for model in _decode(extra.read_text(encoding="utf-8"), str(extra)):
                models[model.name] = model
        return cls(models.values())

    def resolve(self, name: str) -> Model:
        """Return the model that `name` means; raises `UnknownModel`, which names near misses."""
        model = self._by_name.get(name) or self._by_name.get(name.lower())
        if model is None:
            near = difflib.get_close_matches(name.lower(), self._by_name, n=3, cutoff=0.6)
            spelled = [next(n for n in self._names if n.lower() == key) for key in near]
            hint = f" Did you mean {' or '.join(spelled)}?" if spelled else " GET /v1/models lists the names."
            raise UnknownModel(f"The model '{name}' does not exist.{hint}", param="model")
        return model

    @property
    def models(self) -> list[Model]:
        """Every model once, in the file's order."""
        return list(self._models.values())

    @property
    def names(self) -> list[tuple[str, Model]]:
        """Every spelling with its model, in the file's order."""
        return [(name, self._models[owner]) for name, owner in self._names.items()]


def _decode(text: str, source: str) -> list[Model]:
    try:
        return msgspec.convert(tomllib.loads(text), _File).models
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{source}: {error}") from error
