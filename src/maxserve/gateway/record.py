"""What a gateway knows of a request: how it came, what it holds, what is kept and what is written down of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from .options import Options, Scalar

PROVIDER = "minimax"
"""Whose models run behind every gateway."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request on its way through a gateway.

    `model` is the catalogue's name, `path` the endpoint's, `form` the one in which its answer is written.
    """

    account: str
    gateway: str
    path: str
    model: str
    body: bytes
    mask: bool
    form: str = ""
    options: Options = Options()


class Hold(msgspec.Struct, frozen=True):
    """Units that were taken and may be settled later."""

    scope: str
    start: int
    amount: int


class Cached(msgspec.Struct, frozen=True):
    """A whole answer as it went out; `checkpoint` is what gave it."""

    body: bytes
    content_type: str
    checkpoint: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one request. `duration` in milliseconds, `cost` in US dollars, `created_at` in Unix seconds.

    `request` and `response` are the bodies as they travelled, None where they were not kept.
    """

    id: str
    account: str
    gateway: str
    created_at: float
    path: str
    model: str
    success: bool
    status_code: int
    cached: bool
    duration: int
    tokens_in: int
    tokens_out: int
    cost: float
    custom_cost: bool
    metadata: dict[str, Scalar]
    step: int
    event_id: str | None
    request_size: int
    request_content_type: str
    response_size: int
    response_content_type: str
    score: float | None = None
    feedback: float | None = None
    request: bytes | None = None
    response: bytes | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of a log, and in which order; None is "any".

    `least` and `most` are limits of columns that hold numbers, by their names.
    """

    success: bool | None = None
    cached: bool | None = None
    model: str | None = None
    event_id: str | None = None
    since: float | None = None
    until: float | None = None
    feedback: float | None = None
    least: dict[str, float] = {}
    most: dict[str, float] = {}
    order: Literal[
        "created_at", "cost", "duration", "tokens_in", "tokens_out", "model", "success", "cached", "feedback"
    ] = "created_at"
    descending: bool = True
