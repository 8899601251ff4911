"""What one gateway does with the requests that run through it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ..chat.units import Count, Seconds

DEFAULT = "default"
"""The gateway of requests that name none."""

Technique = Literal["fixed", "sliding"]
Attempts = Annotated[int, Meta(ge=1, le=5)]
Backoff = Literal["constant", "linear", "exponential"]


class SpendLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most `limit` US dollars in `window_s` seconds, for the requests that it is about.

    `models` are the names of the catalogue it counts, none = all; `metadata` the values that a request's metadata must
    have. With `per` each combination of those metadata values has a budget of its own. `reserve` says what a request at
    work counts: the most that it can cost, so that the limit is never exceeded, or nothing, so that short requests are
    not held back by what long ones might cost.
    """

    id: str
    limit: Annotated[float, Meta(gt=0)]
    window_s: Seconds
    technique: Technique = "fixed"
    models: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    per: tuple[str, ...] = ()
    reserve: Literal["most", "nothing"] = "most"


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[gateways.NAME]` table; a gateway that has none follows `[gateways.default]`.

    `cache_ttl_s` 0 = no cache unless a request asks for one. `rate_limit` requests per `rate_interval_s`, None = as
    many as come. `collect_logs` keeps a line per request, `log_payload` its bodies, too; of a gateway's lines the
    newest `max_logs` stay. `first_byte_timeout_s` is how long the engine may take to begin its answer. `max_attempts`
    counts the first one, too; the pause before the next grows from `retry_delay_s` by `retry_backoff`.
    """

    cache_ttl_s: Annotated[float, Meta(ge=0)] = 0.0
    rate_limit: Count | None = None
    rate_interval_s: Seconds = 60.0
    rate_technique: Technique = "fixed"
    spend_limits: tuple[SpendLimit, ...] = ()
    collect_logs: bool = True
    log_payload: bool = True
    max_logs: Count = 100_000
    first_byte_timeout_s: Seconds | None = None
    max_attempts: Attempts = 1
    retry_delay_s: Annotated[float, Meta(ge=0, le=60)] = 0.5
    retry_backoff: Backoff = "exponential"
