"""The server is killed at every step of a task's way: nothing acknowledged is lost, stuck, shown twice or left untold.

`make soak` does the same many more times.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .storm import CUT, POINTS, STALL, STOP, Storm, sqlite

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot kill itself with SIGKILL there")


@pytest.mark.timeout(120)
async def test_a_server_killed_anywhere_keeps_its_promises(tmp_path: Path) -> None:
    async with Storm(tmp_path, sqlite(tmp_path), seed=7) as storm:
        for point in (*POINTS, STOP):
            await storm.round(point)
        await storm.settle()
    assert not storm.complaints
    assert storm.kills == len(POINTS)
    assert storm.summary["webhooks"] > 0


@pytest.mark.timeout(120)
async def test_the_demo_engine_is_no_exception(tmp_path: Path) -> None:
    async with Storm(tmp_path, sqlite(tmp_path), seed=8, demo=True) as storm:
        await storm.round("generating")
        await storm.round("delivered")
        await storm.settle()
    assert not storm.complaints


@pytest.mark.timeout(120)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_another_replica_takes_over(tmp_path: Path, database_url: str) -> None:
    async with Storm(tmp_path, database_url, seed=9, replicas=2) as storm:
        for point in ("generating", "delivery", STOP, CUT, STALL):
            await storm.round(point)
        await storm.settle()
    assert not storm.complaints
    assert (storm.kills, storm.stops) == (2, 3)
