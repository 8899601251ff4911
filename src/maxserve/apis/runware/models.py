"""Runware's list of models: a bare array (docs/wire/runware.md §8.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model
from .cost import decimal, pico
from .search import air

_encode = msgspec.json.Encoder().encode


class RunwareModels:
    """Every model once, under its AIR name; prices as OpenRouter writes them, dollars per token as text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._all = _encode([_model(air(model), model) for model in catalogue.models])

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the list."""
        return self._all

    def one(self, name: str) -> bytes:
        """Return one model under the name it was asked by; raises `UnknownModel`."""
        return _encode(_model(name, self._catalogue.resolve(name)))


def _model(name: str, model: Model) -> dict[str, Any]:
    price = model.price
    pricing = {
        "prompt": _per_token(price.input),
        "completion": _per_token(price.output),
        "input_cache_read": _per_token(price.cache_read),
    }
    return {
        "id": name,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "name": model.name,
        "context_length": model.context,
        "max_output_tokens": model.max_output,
        "pricing": pricing,
    }


def _per_token(per_million: float) -> str:
    return decimal(pico(per_million / 1_000_000)).decode().removesuffix(".0")
