"""The settings of webhooks."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..chat.units import Count, Seconds


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[webhooks]` table.

    `schedule` "vendor" tries again after 0.25 s, doubling up to 8 s, `attempts` times in all; "long" goes on for hours.
    Receivers have `timeout_s` to answer. `private` says whether addresses of private networks may be called, by name:
    "loopback", "private"; None = loopback where the server itself listens on loopback only. `secrets` sign the webhooks
    of keys without secrets of their own (`[keys.NAME] webhook_secrets`): one or more `whsec_…`; each adds a signature.
    `concurrency` deliveries are at work together. Delivered and failed ones are shown for `keep_s`.
    """

    schedule: Literal["vendor", "long"] = "vendor"
    attempts: Count = 8
    timeout_s: Seconds = 5.0
    private: tuple[Literal["loopback", "private"], ...] | None = None
    secrets: tuple[str, ...] = ()
    concurrency: Count = 32
    keep_s: Seconds = 604_800.0
