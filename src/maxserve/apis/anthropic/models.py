"""The list of models in Anthropic's form, page by page.

The fields are those that Anthropic's SDK reads; the ones that say what a model can do or when it ends are null here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model
from ...chat import InvalidRequest

_encode = msgspec.json.Encoder().encode
_PAGE = 20
_LONGEST_PAGE = 1000


class AnthropicModels:
    """Every model once, under its own name, in the catalogue's order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._models = [_model(model.name, model) for model in catalogue.models]
        self._places = {model["id"]: place for place, model in enumerate(self._models)}

    def all(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return a page: of `limit` models (1 to 1000, else 20) after `after_id`, or before `before_id`.

        Every model is active, so a `lifecycle` that leaves active ones out leaves nothing. Raises `InvalidRequest`.
        """
        limit = _limit(query)
        stages = [*query.get("lifecycle", ()), *query.get("lifecycle[]", ())]
        models = self._models if not stages or "active" in stages else []
        low, high = 0, len(models)
        if (after := self._place("after_id", query)) is not None:
            low = min(after + 1, high)
        if (before := self._place("before_id", query)) is not None:
            high = min(before, high)
            page = models[max(low, high - limit) : high]
            more = high - limit > low
        else:
            page = models[low : low + limit]
            more = low + limit < high
        return _encode(
            {
                "data": page,
                "has_more": more,
                "first_id": page[0]["id"] if page else None,
                "last_id": page[-1]["id"] if page else None,
            }
        )

    def one(self, name: str) -> bytes:
        """Return one model under the name it was asked by; raises `UnknownModel`."""
        return _encode(_model(name, self._catalogue.resolve(name)))

    def _place(self, field: str, query: Mapping[str, Sequence[str]]) -> int | None:
        name = query.get(field, ("",))[-1]
        if not name:
            return None
        place = self._places.get(name)
        if place is None:
            raise InvalidRequest(f"{field}: the list has no model '{name}'.", param=field)
        return place


def _limit(query: Mapping[str, Sequence[str]]) -> int:
    text = query.get("limit", (str(_PAGE),))[-1]
    limit = int(text) if text.isdecimal() and len(text) <= len(str(_LONGEST_PAGE)) else 0
    if not 1 <= limit <= _LONGEST_PAGE:
        raise InvalidRequest(f"limit must be a whole number from 1 to {_LONGEST_PAGE}, not '{text}'.", param="limit")
    return limit


def _model(name: str, model: Model) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": model.name,
        "created_at": datetime.fromtimestamp(model.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycle": "active",
        "line": None,
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": model.context,
        "max_tokens": model.max_output,
        "capabilities": None,
    }
