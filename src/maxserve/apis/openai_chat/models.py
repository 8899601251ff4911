"""The list of models in OpenAI's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model

_encode = msgspec.json.Encoder().encode


class OpenAIModels:
    """Every spelling of every model, in the catalogue's order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._all = _encode({"object": "list", "data": [_model(name, model) for name, model in catalogue.names]})

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the list."""
        return self._all

    def one(self, name: str) -> bytes:
        """Return one model under the name it was asked by; raises `UnknownModel`."""
        return _encode(_model(name, self._catalogue.resolve(name)))


def _model(name: str, model: Model) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": model.created, "owned_by": model.owned_by}
