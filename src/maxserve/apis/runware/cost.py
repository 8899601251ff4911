"""What a result costs, in plain decimals: 0.000015, never 1.5e-05."""

from __future__ import annotations

from collections.abc import Sequence

from ...catalogue import Price
from ...chat import Usage

PICO = 1_000_000_000_000
"""Picodollars per dollar: the price of a token is a whole number of them, to three decimals of a cent per million."""


def shares(price: Price, whole: Usage, results: Sequence[Usage]) -> list[int]:
    """Return what each result of an answer costs, in picodollars; together they are the price of the whole.

    The prompt was read once: its price is parted evenly, what does not part evenly goes to the first.
    """
    prompt = pico(price.cost(Usage(whole.prompt, 0, whole.cached)))
    even = prompt // len(results)
    costs = [even + pico(price.cost(Usage(whole.prompt, usage.completion, whole.cached))) - prompt for usage in results]
    costs[0] += pico(price.cost(whole)) - sum(costs)
    return costs


def decimal(picodollars: int) -> bytes:
    """Return an amount as a JSON number in dollars."""
    whole, rest = divmod(picodollars, PICO)
    digits = f"{rest:012d}".rstrip("0")
    return f"{whole}.{digits or '0'}".encode()


def pico(dollars: float) -> int:
    """Return an amount in picodollars."""
    return round(dollars * PICO)
