"""The gate before an engine's places: order, weights, and what cancelling leaves behind."""

from __future__ import annotations

import asyncio

import pytest

from maxserve.engines.weighted_semaphore import WeightedSemaphore


async def waiting(gate: WeightedSemaphore, *weights: int) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(gate.enter(weight)) for weight in weights]
    await asyncio.sleep(0)
    return tasks


async def test_nobody_overtakes_a_heavy_one() -> None:
    gate = WeightedSemaphore(2)
    await gate.enter(1)
    heavy, light = await waiting(gate, 2, 1)
    assert (gate.running, gate.waiting) == (1, 2)
    gate.leave(1)
    await heavy
    assert not light.done()
    gate.leave(2)
    await light
    assert (gate.running, gate.waiting) == (1, 0)


@pytest.mark.parametrize("inside_first", [True, False])
async def test_all_that_belong_together_end_at_once(inside_first: bool) -> None:
    gate = WeightedSemaphore(2)

    async def work() -> None:
        await gate.enter(2)
        try:
            await asyncio.Event().wait()
        finally:
            gate.leave(2)

    tasks = [asyncio.create_task(work()) for _ in range(4)]
    await asyncio.sleep(0)
    assert (gate.running, gate.waiting) == (2, 3)
    for task in tasks if inside_first else reversed(tasks):
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in found} == {asyncio.CancelledError}
    assert (gate.running, gate.waiting) == (0, 0)
    await gate.enter(2)


async def test_a_place_given_to_one_that_is_cancelled_goes_to_the_next() -> None:
    gate = WeightedSemaphore(1)
    await gate.enter(1)
    first, second = await waiting(gate, 1, 1)
    gate.leave(1)
    first.cancel()
    await second
    assert first.cancelled()
    assert (gate.running, gate.waiting) == (1, 0)
