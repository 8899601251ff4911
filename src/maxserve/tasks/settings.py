"""The settings of durable tasks."""

from __future__ import annotations

import msgspec

from ..chat.units import Count, Seconds


class TaskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[tasks]` table.

    `concurrency` tasks of the queue run together in this process, `per_key` of one key's in all replicas; a key may
    have `max_queued` waiting. A task's lease ends `lease_s` after its process was last heard of; then another takes it
    over, `max_takeovers` times at most. A failure of the engine is tried `max_attempts` times in all, the pause
    doubling from `retry_delay_s`; one that finds no room waits, and that does not count. Results stay `keep_s`; that
    there was a task is remembered `remember_s` longer. `poll_s` is how often a replica looks for work that it was not
    told of.
    """

    concurrency: Count = 8
    per_key: Count = 8
    max_queued: Count = 10_000
    lease_s: Seconds = 30.0
    max_takeovers: Count = 10
    max_attempts: Count = 3
    retry_delay_s: Seconds = 1.0
    keep_s: Seconds = 86_400.0
    remember_s: Seconds = 604_800.0
    poll_s: Seconds = 1.0
