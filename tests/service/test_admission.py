"""The gate lets in `limit`, queues in order, refuses the rest, and loses no place."""

from __future__ import annotations

import asyncio

import pytest

from maxserve.chat import Overloaded
from maxserve.service.admission import Admission


async def turn() -> None:
    """Let every ready callback run."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_order_and_refusal() -> None:
    gate = Admission(1, 2)
    await gate.enter()
    came: list[str] = []

    async def visit(name: str) -> None:
        await gate.enter()
        came.append(name)

    first, second = asyncio.create_task(visit("first")), asyncio.create_task(visit("second"))
    await turn()
    assert (gate.inside, gate.waiting, came) == (1, 2, [])
    with pytest.raises(Overloaded) as refused:
        await gate.enter()
    assert refused.value.retry_after
    gate.leave()
    await turn()
    assert came == ["first"]
    gate.leave()
    await asyncio.gather(first, second)
    assert came == ["first", "second"]
    gate.leave()
    assert (gate.inside, gate.waiting) == (0, 0)


async def test_a_waiter_that_gives_up_leaves_no_trace() -> None:
    gate = Admission(1, 2)
    await gate.enter()
    waiter = asyncio.create_task(gate.enter())
    await turn()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert gate.waiting == 0
    gate.leave()
    assert gate.inside == 0


async def test_a_place_handed_to_a_cancelled_waiter_is_passed_on() -> None:
    gate = Admission(1, 2)
    await gate.enter()
    waiter = asyncio.create_task(gate.enter())
    await turn()
    gate.leave()  # hands the place over …
    waiter.cancel()  # … in the same tick in which its new owner is cancelled
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert gate.inside == 0
    await gate.enter()
