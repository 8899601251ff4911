"""The sampling fields of `apis/sampling.py`, described once."""

from __future__ import annotations

from ..apis.sampling import MIN_P, PENALTY, SEED_LIMIT
from ..apis.validation import Range
from .field import Field


def sampling_fields(temperature: Range, top_p: Range, also: str = "") -> dict[str, Field]:
    """Return the fields by name; the ranges of two of them differ between APIs, and `also` is said of both."""
    return {
        "temperature": Field(
            text=f"How freely tokens are drawn; unset means the model's own default.{also}", range=temperature
        ),
        "top_p": Field(text=f"Draw from the likeliest tokens that together have this probability.{also}", range=top_p),
        "top_k": Field(text="Draw from this many likeliest tokens; 0 means all.", low=0),
        "min_p": Field(text="Leave out tokens less likely than this share of the likeliest one.", range=MIN_P),
        "seed": Field(
            text="The same request with the same seed gives the same text; result `i` is drawn with `seed + i`.",
            range=Range(-SEED_LIMIT, SEED_LIMIT - 1),
        ),
        "frequency_penalty": Field(
            text="Above 0, tokens are less likely the more often they have come.", range=PENALTY, default=0
        ),
        "presence_penalty": Field(text="Above 0, tokens that have come are less likely.", range=PENALTY, default=0),
    }
