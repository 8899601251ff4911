"""The sampling fields that chat completions and legacy completions share, declared, checked and read once."""

from __future__ import annotations

from typing import Protocol

import msgspec

from ..chat import InvalidRequest, Sampling
from .validation import Range, at_least, within

MIN_P = Range(0, 1)
PENALTY = Range(-2, 2)
SEED_LIMIT = 2**63
"""Seeds are signed integers of 64 bits."""


class SamplingFields(msgspec.Struct, kw_only=True):
    """Fields of a request; null and absent mean the model's own default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None


class _Sampled(Protocol):
    """What `SamplingFields` and the settings of Runware's tasks have in common."""

    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None


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


def sampling_of(fields: _Sampled, *, seed: int | None, repetition_penalty: float | None = None) -> Sampling:
    """Return the sampling of a request."""
    return Sampling(
        fields.temperature,
        fields.top_p,
        fields.top_k,
        fields.min_p,
        seed,
        fields.frequency_penalty or 0.0,
        fields.presence_penalty or 0.0,
        1.0 if repetition_penalty is None else repetition_penalty,
    )
