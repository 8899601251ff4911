"""The pauses between attempts of a webhook delivery.

"vendor" waits 0.25 s after the first failure and twice as long after each further one, up to 8 s, until `attempts`
tries were made (docs/wire/runware.md §5.5). "long" begins with the same steps, 0.25 to 8 s, and goes on after 1, 5, 15
and 30 minutes, 1, 2, 4, 8, 12, 20 and 24 hours: 18 tries within three days. All pauses vary by a fifth, so that a
receiver that comes back is not met by everything at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Literal

FIRST_S = 0.25
CAP_S = 8.0
_MINUTE, _HOUR = 60.0, 3600.0
LATER = (
    1 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE,
    1 * _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 12 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""What "long" adds to the vendor's steps, in seconds."""
JITTER = 0.2
LONGEST_WISH_S = 3600.0
"""The longest pause that a receiver may ask for."""


class RetrySchedule:
    """One of the two schedules; `chance` returns random numbers from 0 to 1."""

    def __init__(
        self, name: Literal["vendor", "long"], attempts: int, *, chance: Callable[[], float] = random.random
    ) -> None:
        steps = 6 if name == "long" else attempts - 1
        self._pauses = tuple(min(FIRST_S * 2.0 ** min(step, 5), CAP_S) for step in range(steps))
        if name == "long":
            self._pauses += LATER
        self._chance = chance

    @property
    def attempts(self) -> int:
        """How many tries there are in all."""
        return len(self._pauses) + 1

    def pause(self, failed: int, retry_after_seconds: float | None = None) -> float | None:
        """Return the seconds to wait after `failed` failed attempts, None = that was the last one.

        `retry_after_seconds` is what the receiver asked for; it can only lengthen a pause, up to `LONGEST_WISH_S`.
        """
        if failed > len(self._pauses):
            return None
        pause = self._pauses[failed - 1]
        varied = pause * (1 + JITTER * (2 * self._chance() - 1))
        if pause <= CAP_S:
            varied = min(varied, CAP_S)
        return max(varied, min(retry_after_seconds or 0.0, LONGEST_WISH_S))


def retry_after_seconds(status: int, retry_after: str | None, now: float) -> float | None:
    """Return the pause that a 429 or 503 asks for by `Retry-After`, in seconds; `now` in Unix seconds.

    Seconds or an HTTP date; None where there is none that can be read.
    """
    if status not in (429, 503) or retry_after is None:
        return None
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError, OSError):
        return None
