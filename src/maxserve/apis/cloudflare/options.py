"""What a request asks of its gateway: `cf-aig-…` headers, or the binding's options (docs/wire/cloudflare.md §6.1,
§7.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar, cast

import msgspec
from msgspec import Meta

from ...chat import InvalidRequest
from ...gateway import CustomCost, Options
from ...gateway.options import Scalar
from ...gateway.settings import Backoff
from ..adapter import RequestContext
from .wire import GatewayOptions, Retries

T = TypeVar("T")

ENTRIES = 5
"""How many metadata entries are kept; further ones are dropped, as the vendor does."""
MINUTE_S, MONTH_S = 60, 31 * 86_400
LONGEST = 128
"""Characters of an id that the caller chooses."""
_BACKOFFS = ("constant", "linear", "exponential")
Price = Annotated[float, Meta(ge=0)]


class _Cost(msgspec.Struct):
    per_token_in: Price = 0.0
    per_token_out: Price = 0.0
    total_cost: Price | None = None


_metadata = msgspec.json.Decoder(dict[str, Any]).decode
_cost = msgspec.json.Decoder(_Cost).decode


def from_headers(context: RequestContext) -> Options:
    """Read the headers; raises `InvalidRequest`, which names the header."""

    def take(name: str, read: Callable[[str, str], T], *older: str) -> T | None:
        for each in (name, *older):
            if (value := context.header(each.encode())) is not None:
                return read(each, value)
        return None

    return Options(
        skip_cache=bool(take("cf-aig-skip-cache", _flag, "cf-skip-cache")),
        cache_ttl_s=take("cf-aig-cache-ttl", _ttl, "cf-cache-ttl"),
        cache_key=take("cf-aig-cache-key", _text),
        metadata=take("cf-aig-metadata", _read_metadata) or {},
        collect_log=take("cf-aig-collect-log", _flag),
        log_payload=take("cf-aig-collect-log-payload", _flag),
        first_byte_timeout_s=take("cf-aig-request-timeout", _within(1, 3_600_000, 1000)),
        max_attempts=take("cf-aig-max-attempts", _attempts),
        retry_delay_s=take("cf-aig-retry-delay", _within(0, 5000, 1000)),
        retry_backoff=take("cf-aig-backoff", _backoff),
        custom_cost=take("cf-aig-custom-cost", _read_cost),
        event_id=take("cf-aig-event-id", _id),
    )


def from_binding(asked: GatewayOptions | None, context: RequestContext) -> Options:
    """Take over the binding's options; raises `InvalidRequest`, which names the option.

    Headers (the binding's `extraHeaders`) hold where an option is silent.
    """
    options = from_headers(context)
    if asked is None:
        return options
    retries = asked.retries or Retries()
    own = {
        "skip_cache": asked.skip_cache,
        "cache_ttl_s": _ttl_of("cacheTtl", asked.cache_ttl),
        "cache_key": asked.cache_key and _text("cacheKey", asked.cache_key),
        "metadata": None if asked.metadata is None else scalars(asked.metadata),
        "collect_log": asked.collect_log,
        "first_byte_timeout_s": _checked("requestTimeoutMs", asked.request_timeout_ms, 1, 3_600_000, 1000),
        "max_attempts": None if retries.max_attempts is None else _attempts_of(retries.max_attempts),
        "retry_delay_s": _checked("retries.retryDelayMs", retries.retry_delay_ms, 0, 5000, 1000),
        "retry_backoff": None if retries.backoff is None else _backoff("retries.backoff", retries.backoff),
        "event_id": asked.event_id and _id("eventId", asked.event_id),
    }
    return msgspec.structs.replace(options, **{name: value for name, value in own.items() if value is not None})


def _flag(name: str, value: str) -> bool:
    lowered = value.strip().lower()
    if lowered not in ("true", "false"):
        raise InvalidRequest(f"{name} must be true or false, not '{value}'.", param=name)
    return lowered == "true"


def _text(name: str, value: str) -> str:
    if not value.strip():
        raise InvalidRequest(f"{name} must not be empty.", param=name)
    return value.strip()


def _id(name: str, value: str) -> str:
    """An id that goes back to the caller in a header, so it must be able to stand there."""
    value = _text(name, value)
    if len(value) > LONGEST or not (value.isascii() and value.isprintable()):
        raise InvalidRequest(f"{name} must have at most {LONGEST} printable ASCII characters.", param=name)
    return value


def _ttl(name: str, value: str) -> float | None:
    return _ttl_of(name, _number(name, value))


def _ttl_of(name: str, value: float | None) -> float | None:
    """0 keeps nothing; an answer is kept from a minute to a month (docs/wire/cloudflare.md §6.1)."""
    return value if not value else _checked(name, value, MINUTE_S, MONTH_S)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InvalidRequest(f"{name} must be a number, not '{value}'.", param=name) from None


def _within(low: float, high: float, per_second: float = 1) -> Callable[[str, str], float]:
    def read(name: str, value: str) -> float:
        return cast(float, _checked(name, _number(name, value), low, high, per_second))

    return read


def _checked(name: str, value: float | None, low: float, high: float, per_second: float = 1) -> float | None:
    if value is None:
        return None
    if not low <= value <= high:
        raise InvalidRequest(f"{name} must be from {low:g} to {high:,.0f}, but it is {value:g}.", param=name)
    return value / per_second


def _attempts(name: str, value: str) -> int:
    number = _number(name, value)
    if not number.is_integer():
        raise InvalidRequest(f"{name} must be a whole number, not '{value}'.", param=name)
    return _attempts_of(int(number), name)


def _attempts_of(value: int, name: str = "retries.maxAttempts") -> int:
    if not 1 <= value <= 5:
        raise InvalidRequest(f"{name} must be from 1 to 5, but it is {value}.", param=name)
    return value


def _backoff(name: str, value: str) -> Backoff:
    if value not in _BACKOFFS:
        raise InvalidRequest(f"{name} must be one of {', '.join(_BACKOFFS)}, not '{value}'.", param=name)
    return cast(Backoff, value)


def _read_metadata(name: str, value: str) -> dict[str, Scalar]:
    try:
        return scalars(_metadata(value.encode("latin-1")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRequest(f"{name} must be a JSON object of texts, numbers and booleans.", param=name) from None


def scalars(metadata: dict[str, Any]) -> dict[str, Scalar]:
    """Keep the first five entries; one nested value makes all of it worthless."""
    if any(isinstance(value, dict | list) for value in metadata.values()):
        return {}
    kept = list(metadata.items())[:ENTRIES]
    # The binding takes bigints; what no JSON number of 64 bits holds is kept as its digits.
    return {name: str(value) if type(value) is int and abs(value) >= 2**63 else value for name, value in kept}


def _read_cost(name: str, value: str) -> CustomCost:
    try:
        cost = _cost(value)
    except msgspec.DecodeError:
        rule = 'must be {"per_token_in": x, "per_token_out": y} or {"total_cost": z}'
        raise InvalidRequest(f"{name} {rule}.", param=name) from None
    return CustomCost(cost.per_token_in, cost.per_token_out, cost.total_cost)
