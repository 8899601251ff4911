"""Answers accountManagement's getDetails, with the fields that the vendor's command line reads (docs/wire/runware.md
§9).

There is no billing here: no balance is told, which every client can read, rather than one of nothing left.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from .tasks import AccountDetails

PERIODS = ("total", "today", "last7Days", "last30Days")
_NAMES = uuid.UUID("5f1d2c8e-0a2b-4c55-9d0e-9b1f6a7c3e21")
_encode = msgspec.json.Encoder().encode


class Spent(msgspec.Struct, frozen=True):
    """What one caller used in some time: US dollars and tasks."""

    credits: float = 0.0
    requests: int = 0


def account(asked: AccountDetails, key: str | None, spent: Mapping[str, Spent]) -> bytes:
    """Return the item that answers; `key` is the caller's key id, `spent` by `PERIODS`.

    The organization's UUID is the same for the same key.
    """
    item: dict[str, Any] = {
        "taskType": "accountManagement",
        "taskUUID": asked.uuid,
        "operation": "getDetails",
        "organizationName": "maxserve",
        "organizationUUID": str(uuid.uuid5(_NAMES, key or "")),
        "team": [],
        "apiKeys": [] if key is None else [{"name": key, "apiKey": f"sha256:{key}…", "enabled": True}],
        "usage": {period: spent.get(period, Spent()) for period in PERIODS},
    }
    return _encode(item)
