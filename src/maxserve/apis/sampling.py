"""The sampling fields that chat completions and legacy completions share, declared, checked and read once."""

from __future__ import annotations

from typing import Any

import msgspec

from ..chat import InvalidRequest, Sampling
from .validation import Range, at_least, within

MIN_P = Range(0, 1)
PENALTY = Range(-2, 2)
SEED_LIMIT = 2**63
"""Seeds are signed integers of 64 bits."""

_NAMES = Sampling.__struct_fields__


class SamplingFields(msgspec.Struct, kw_only=True):
    """Fields of a request; null and absent mean the model's own default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None


def check_sampling(fields: SamplingFields, *, temperature: Range, top_p: Range) -> None:
    """Raise `InvalidRequest` where a value is out of its range; those of two fields differ between APIs."""
    within("temperature", fields.temperature, temperature)
    within("top_p", fields.top_p, top_p)
    within("min_p", fields.min_p, MIN_P)
    within("frequency_penalty", fields.frequency_penalty, PENALTY)
    within("presence_penalty", fields.presence_penalty, PENALTY)
    at_least("top_k", fields.top_k, 0)
    if fields.seed is not None and not -SEED_LIMIT <= fields.seed < SEED_LIMIT:
        raise InvalidRequest("seed must be an integer of 64 bits.", param="seed")


def sampling_of(fields: Any, **values: Any) -> Sampling:
    """Return the sampling of a request: fields of the same name that are set, and `values` over them."""
    for name in _NAMES:
        value = getattr(fields, name, None)
        if value is not None:
            values.setdefault(name, value)
    return Sampling(**values)
