"""Answers modelSearch out of the catalogue (docs/wire/runware.md §9).

The vendor's search is made for models of pictures: every field that some SDK requires of a result is there, with what
fits a model of text. All of ours are official, public and of the category "checkpoint".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model
from .tasks import ModelSearch

CATEGORY = "checkpoint"
CAPABILITY = "text-to-text"
_AIR = re.compile(r"[\w.-]+:[^@/\s]+@\S+")
_encode = msgspec.json.Encoder().encode
_SORTS: dict[str, Callable[[Model], Any]] = {
    "name": lambda model: model.name.lower(),
    "addedUnixTimestamp": lambda model: model.created,
    "updatedDateUnixTimestamp": lambda model: model.created,
}


def is_air(name: str) -> bool:
    """Whether a name is written as Runware writes models: source:id@version."""
    return _AIR.fullmatch(name) is not None


def air(model: Model) -> str:
    """Return Runware's name of a model; its own where it has none there."""
    return next((alias for alias in model.aliases if is_air(alias)), model.name)


def found(asked: ModelSearch, catalogue: Catalogue) -> bytes:
    """Return the item that answers: how many there are, and the page that was asked for."""
    hits = [model for model in catalogue.models if _fits(model, asked)]
    if asked.sort is not None and (key := _SORTS.get(asked.sort.removeprefix("-"))) is not None:
        hits.sort(key=key, reverse=asked.sort.startswith("-"))
    page = hits[asked.offset : asked.offset + asked.limit]
    return _encode(
        {
            "taskType": "modelSearch",
            "taskUUID": asked.uuid,
            "totalResults": len(hits),
            "results": [_result(model) for model in page],
        }
    )


def _fits(model: Model, asked: ModelSearch) -> bool:
    text = (asked.search or "").lower()
    return (
        (not text or any(text in name.lower() for name in (model.name, *model.aliases)))
        and asked.source in (None, "official")
        and asked.category in (None, CATEGORY)
        and (asked.architecture is None or asked.architecture.lower() == _architecture(model))
        and set(asked.capabilities) <= {CAPABILITY}
        and asked.visibility in (None, "public", "all")
    )


def _result(model: Model) -> dict[str, Any]:
    return {
        "air": air(model),
        "name": model.name,
        "version": air(model).rpartition("@")[2] if model.aliases else "",
        "category": CATEGORY,
        "architecture": _architecture(model),
        "type": "base",
        "tags": ["text"],
        "capabilities": [CAPABILITY],
        "heroImage": "",
        "private": False,
        "comment": model.licence,
    }


def _architecture(model: Model) -> str:
    return f"minimax-{model.family}"
