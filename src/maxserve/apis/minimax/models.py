"""The list of models in MiniMax's form (docs/wire/minimax.md §9.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model
from ...chat import NotFound, UnknownModel

_OWNER = "minimax"
_encode = msgspec.json.Encoder().encode


class MinimaxModels:
    """MiniMax's own models under MiniMax's own names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        own = [_model(model.name, model) for model in catalogue.models if model.owned_by == _OWNER]
        self._all = _encode({"object": "list", "data": own})

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the list."""
        return self._all

    def one(self, name: str) -> bytes:
        """Return one model under the name it was asked by; raises `NotFound`.

        A chat request for an unknown model is a wrong request to MiniMax; here it is the path that leads nowhere.
        """
        try:
            return _encode(_model(name, self._catalogue.resolve(name)))
        except UnknownModel as error:
            raise NotFound(error.message, param=error.param) from error


def _model(name: str, model: Model) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": model.created, "owned_by": model.owned_by}
