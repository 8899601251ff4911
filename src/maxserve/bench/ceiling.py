"""How fast the load generator itself is: the same client against a server that answers without work."""

from __future__ import annotations

import asyncio
import os
import sys

import msgspec

from .driver import Limits, drive
from .run import Summary
from .target import Target
from .workload import Workload


class Ceiling(msgspec.Struct, frozen=True, kw_only=True):
    """The most that this client takes on this machine, at one concurrency."""

    requests_per_second: float
    frames_per_second: float

    def near(self, summary: Summary) -> bool:
        """Whether the run came within a factor of two of the client's own limit."""
        requests = summary.requests_per_second * 2 > self.requests_per_second
        return requests or summary.frames_per_second * 2 > self.frames_per_second > 0


async def measure_ceiling(stream: bool, frames: int, concurrency: int, seconds: float = 0.5) -> Ceiling:
    """Drive a server that answers from memory, `frames` to an answer, for `seconds` seconds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"{__package__}.instant",
        "stream" if stream else "whole",
        str(max(frames, 1)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        target = Target.parse(f"http://127.0.0.1:{port}/v1")
        workload = Workload(model="ceiling", prompt="", stream=stream)
        run = await drive(target, workload, concurrency, Limits(requests=1 << 30, duration_s=seconds))
    finally:
        process.stdin.close()
        await process.wait()
    summary = run.summary()
    return Ceiling(requests_per_second=summary.requests_per_second, frames_per_second=summary.frames_per_second)
