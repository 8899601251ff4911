"""The list of models in OpenAI's form."""

from __future__ import annotations

from typing import Any

import msgspec

from ...catalogue import Catalogue, Model

_encode = msgspec.json.Encoder().encode


def model_list(catalogue: Catalogue) -> bytes:
    """Return every spelling of every model as one list, in the catalogue's order."""
    return _encode({"object": "list", "data": [_model(name, model) for name, model in catalogue.names]})


def model_body(name: str, model: Model) -> bytes:
    """Return one model under the name it was asked by."""
    return _encode(_model(name, model))


def _model(name: str, model: Model) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": model.created, "owned_by": model.owned_by}
