"""Counts of durations in narrow buckets: a bounded memory of any number of gaps."""

from __future__ import annotations

from collections import Counter
from math import frexp, ldexp

from .quantile import Quantiles

_STEPS = 64
"""Buckets per doubling: a value is known to within 1.6 %."""


class Histogram:
    """Durations in seconds, zero or more."""

    def __init__(self) -> None:
        self._counts: Counter[int | None] = Counter()

    def add(self, value: float, count: int = 1) -> None:
        """Count `value` `count` times; zero has a bucket of its own."""
        if value <= 0:
            self._counts[None] += count
            return
        mantissa, exponent = frexp(value)
        self._counts[exponent * _STEPS + int((mantissa - 0.5) * 2 * _STEPS)] += count

    def merge(self, other: Histogram) -> None:
        """Add the other's counts."""
        self._counts.update(other._counts)

    def __len__(self) -> int:
        return self._counts.total()

    def quantile(self, q: float) -> float:
        """Return the `q` quantile in seconds: the middle of its bucket; raises `ValueError` without values."""
        left = q * (len(self) - 1)
        for bucket, count in sorted(self._counts.items(), key=lambda item: -(10**9) if item[0] is None else item[0]):
            if left < count:
                return _middle(bucket)
            left -= count
        raise ValueError("no values")

    def quantiles(self) -> Quantiles | None:
        """Return middle, tail and maximum, None where nothing was counted."""
        if not self._counts:
            return None
        return Quantiles(len(self), self.quantile(0.5), self.quantile(0.99), self.quantile(1.0))


def _middle(bucket: int | None) -> float:
    if bucket is None:
        return 0.0
    exponent, step = divmod(bucket, _STEPS)
    return ldexp(0.5 + (step + 0.5) / (2 * _STEPS), exponent)
