"""Order statistics of samples: quantiles, and the median of paired ratios with its spread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


def quantile(ordered: Sequence[float], q: float) -> float:
    """Return the `q` quantile (0 to 1) of values in ascending order, interpolated between neighbours.

    Raises `ValueError` where there are no values.
    """
    if not ordered:
        raise ValueError("no values")
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Iterable[float]) -> float:
    """Return the middle of the values; raises `ValueError` where there are none."""
    return quantile(sorted(values), 0.5)


class Spread(msgspec.Struct, frozen=True):
    """A median over rounds, with the smallest and the largest of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """Return the spread of the values, None where there are none."""
        ordered = sorted(values)
        return cls(quantile(ordered, 0.5), ordered[0], ordered[-1]) if ordered else None

    @classmethod
    def of_ratios(cls, first: Sequence[float | None], second: Sequence[float | None]) -> Spread | None:
        """Divide the values of each round by its partner's; a round that lacks one of the two is left out."""
        pairs = zip(first, second, strict=True)
        return cls.of(a / b for a, b in pairs if a is not None and b is not None and b > 0)

    @classmethod
    def of_differences(cls, first: Sequence[float | None], second: Sequence[float | None]) -> Spread | None:
        """Subtract each round's partner; a round that lacks one of the two is left out."""
        pairs = zip(first, second, strict=True)
        return cls.of(a - b for a, b in pairs if a is not None and b is not None)


class Quantiles(msgspec.Struct, frozen=True):
    """The middle and the tail of one quantity, with how many values they come from."""

    count: int
    p50: float
    p99: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Quantiles | None:
        """Return the quantiles of the values, None where there are none."""
        ordered = sorted(values)
        if not ordered:
            return None
        return cls(len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1])
