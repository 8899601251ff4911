"""Measuring one address, or two of them in turns so that both see the same machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from .driver import Limits, drive
from .quantile import Quantiles, Spread
from .run import Run, Summary
from .target import Target
from .workload import Workload


class Side(msgspec.Struct, frozen=True):
    """An address and what is asked of it."""

    target: Target
    workload: Workload


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The first address against the second, round by round: the median over the rounds, the least and the most.

    Ratios divide the first's value by the second's; `added_…` are the first's median minus the second's, in
    milliseconds. None where a round had nothing to compare.
    """

    requests_per_second: Spread | None
    tokens_per_second: Spread | None
    frames_per_second: Spread | None
    first_byte_p50: Spread | None
    first_text_p50: Spread | None
    total_p50: Spread | None
    added_first_byte_p50: Spread | None
    added_first_byte_p99: Spread | None
    added_first_text_p50: Spread | None
    added_total_p50: Spread | None

    @classmethod
    def of(cls, first: Sequence[Summary], second: Sequence[Summary]) -> Comparison:
        """Compare the rounds of two addresses, pair by pair."""

        def ratio(value: Callable[[Summary], float | None]) -> Spread | None:
            return Spread.of_ratios([value(s) for s in first], [value(s) for s in second])

        def difference(value: Callable[[Summary], float | None]) -> Spread | None:
            return Spread.of_differences([value(s) for s in first], [value(s) for s in second])

        return cls(
            requests_per_second=ratio(lambda s: s.requests_per_second or None),
            tokens_per_second=ratio(lambda s: s.tokens_per_second),
            frames_per_second=ratio(lambda s: s.frames_per_second or None),
            first_byte_p50=ratio(lambda s: _p50(s.first_byte)),
            first_text_p50=ratio(lambda s: _p50(s.first_text)),
            total_p50=ratio(lambda s: _p50(s.total)),
            added_first_byte_p50=difference(lambda s: _p50(s.first_byte)),
            added_first_byte_p99=difference(lambda s: s.first_byte.p99 if s.first_byte is not None else None),
            added_first_text_p50=difference(lambda s: _p50(s.first_text)),
            added_total_p50=difference(lambda s: _p50(s.total)),
        )


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured at one concurrency: each address over all its rounds, and the comparison of two."""

    concurrency: int
    rounds: int
    summaries: list[Summary]
    comparison: Comparison | None


def order(sides: int, rounds: int) -> list[tuple[int, int]]:
    """Return (round, side) in the order they run: each round turns the order around (A B, B A, A B, …).

    So neither side always runs first, and a machine that grows slower over time harms both alike.
    """
    forward = list(range(sides))
    return [(turn, side) for turn in range(rounds) for side in (forward if turn % 2 == 0 else forward[::-1])]


def share(total: int, rounds: int) -> list[int]:
    """Split `total` into `rounds` parts as even as they can be; fewer parts where there is too little."""
    rounds = max(1, min(rounds, total))
    return [total * (i + 1) // rounds - total * i // rounds for i in range(rounds)]


async def measure(
    sides: Sequence[Side], concurrency: int, limits: Limits, rounds: int, *, warmup: int = 0
) -> AsyncIterator[Level]:
    """Measure each side with `concurrency` requests in flight, and yield what is known after each round.

    `limits` hold for one side over all rounds. The `warmup` requests before are sent and forgotten.
    """
    if warmup:
        for side in sides:
            hold = msgspec.structs.replace(limits, requests=warmup)
            await drive(side.target, side.workload, min(concurrency, warmup), hold)
    counts = share(limits.requests, rounds)
    runs = [Run() for _ in sides]
    summaries: list[list[Summary]] = [[] for _ in sides]
    for done, (turn, index) in enumerate(order(len(sides), len(counts)), 1):
        hold = msgspec.structs.replace(limits, requests=counts[turn], duration_s=limits.duration_s / len(counts))
        side = sides[index]
        run = await drive(side.target, side.workload, concurrency, hold, first=sum(counts[:turn]))
        runs[index].merge(run)
        summaries[index].append(run.summary())
        if done % len(sides) == 0:
            yield Level(
                concurrency=concurrency,
                rounds=turn + 1,
                summaries=[each.summary() for each in runs],
                comparison=Comparison.of(*summaries) if len(sides) == 2 else None,
            )


def _p50(quantiles: Quantiles | None) -> float | None:
    return quantiles.p50 if quantiles is not None else None
