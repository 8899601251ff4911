"""Cloudsway's names: what an answer calls its model, and the list of models (docs/wire/minimax.md §1.1, §1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model

_encode = msgspec.json.Encoder().encode
_PREFIX = "MaaS_"


def deployed(model: Model) -> str:
    """Return the id that answers give as their `model`: Cloudsway's first name for it, else the model's own."""
    return next((alias for alias in model.aliases if alias.startswith(_PREFIX)), model.name)


class CloudswayModels:
    """The models that Cloudsway has, under the names of its page and its own; `created` is a string there."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        data = [
            _model(name, model)
            for name, model in catalogue.names
            if name.startswith(_PREFIX) or (name == model.name and deployed(model) != name)
        ]
        self._all = _encode({"object": "list", "data": data})

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the list."""
        return self._all

    def one(self, name: str) -> bytes:
        """Return one model under the name it was asked by; raises `UnknownModel`."""
        return _encode(_model(name, self._catalogue.resolve(name)))


def _model(name: str, model: Model) -> dict[str, Any]:
    return {"id": name, "created": str(model.created), "object": "model", "owned_by": "system"}
