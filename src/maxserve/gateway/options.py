"""What a single request asks of its gateway."""

from __future__ import annotations

import msgspec

from .settings import Backoff, GatewaySettings

Scalar = str | int | float | bool | None


class CustomCost(msgspec.Struct, frozen=True):
    """What the log says a request cost, in US dollars: per token, or in all."""

    per_token_in: float = 0.0
    per_token_out: float = 0.0
    total: float | None = None

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the cost of a request of so many tokens."""
        return self.per_token_in * tokens_in + self.per_token_out * tokens_out if self.total is None else self.total


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """None is "as the gateway is set"; times in seconds."""

    skip_cache: bool = False
    cache_ttl_s: float | None = None
    cache_key: str | None = None
    metadata: dict[str, Scalar] = {}
    collect_log: bool | None = None
    log_payload: bool | None = None
    first_byte_timeout_s: float | None = None
    max_attempts: int | None = None
    retry_delay_s: float | None = None
    retry_backoff: Backoff | None = None
    custom_cost: CustomCost | None = None
    event_id: str | None = None

    def over(self, settings: GatewaySettings) -> GatewaySettings:
        """Return the settings that hold for this request (docs/wire/cloudflare.md §6.1: the request before the
        gateway).
        """
        ttl = self.cache_ttl_s
        if ttl is None and self.cache_key is not None and not settings.cache_ttl_s:
            ttl = 300.0  # a key of one's own asks for a cache, and says nothing of its time
        asked = {
            "cache_ttl_s": ttl,
            "collect_logs": self.collect_log,
            "log_payload": self.log_payload,
            "first_byte_timeout_s": self.first_byte_timeout_s,
            "max_attempts": self.max_attempts,
            "retry_delay_s": self.retry_delay_s,
            "retry_backoff": self.retry_backoff,
        }
        return msgspec.structs.replace(settings, **{key: value for key, value in asked.items() if value is not None})
