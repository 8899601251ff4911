"""The data types of webhook deliveries."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import msgspec

DeliveryState = Literal["waiting", "delivered", "failed", "disabled"]

REMEMBERED = 32
"""Attempts of one delivery that are remembered."""
_PORTS = {"http": 80, "https": 443}


class DeliveryAttempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt: start (Unix seconds), duration, outcome.

    `status` is the receiver's answer, None where there was none; `reason` a sentence, empty where it went well.
    """

    at: float
    took_s: float = 0.0
    status: int | None = None
    reason: str = ""


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook delivery as stored. Times in Unix seconds.

    `id` stays the same over all attempts and sorts by the time of the result; `position` counts the requests of one
    task from 0. `attempts` counts the tries of the present round (a replay begins a new one) that came to an end;
    `not_before` is when the next one is due. `status` and `reason` are those of the last attempt. `body` is empty in
    lists.
    """

    id: str
    owner: str
    task: str
    position: int
    url: str
    body: bytes = b""
    state: DeliveryState
    created_at: float
    not_before: float
    finished_at: float | None = None
    attempts: int = 0
    worker: str | None = None
    lease_until: float | None = None
    status: int | None = None
    reason: str | None = None
    history: tuple[DeliveryAttempt, ...] = ()


def origin(url: str) -> str:
    """Return what all addresses of one receiver share: scheme, host and port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return url
    return f"{parts.scheme}://{host}:{port}"
