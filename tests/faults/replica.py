"""A `maxserve serve` that can be made to die at a named point, and begun again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

START_S = 60.0
"""How long a start may take on cores that are busy with other things."""


class Replica:
    """One server of a storm: its configuration, its process while it has one, and its address while it listens."""

    def __init__(self, name: str, folder: Path, config: str) -> None:
        self.name = name
        self.url: str | None = None
        self._folder = folder
        self._config = folder / f"{name}.toml"
        self._config.write_text(config, encoding="utf-8")
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether its process lives, listening or not."""
        return self._process is not None and self._process.returncode is None

    async def start(self, point: str | None = None) -> None:
        """Start it and wait until it listens, or has died at `point` already. Raises `AssertionError`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAXSERVE_")}
        environment |= {"PYTHONUNBUFFERED": "1", "MAXSERVE_DATA_DIR": str(self._folder)}
        if point is not None:
            environment["MAXSERVE_TASKS_KILL"] = point
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "maxserve", "serve", "--port", "0", "--without", "m3", "--config", self._config,
                "--stop-with-stdin", stdin=asyncio.subprocess.PIPE,  # it ends with us, however we end
                stdout=asyncio.subprocess.PIPE, stderr=log, env=environment, cwd=self._folder,
            )  # fmt: skip
        listening = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, listening))
        async with asyncio.timeout(START_S):
            await listening.wait()
        assert self.url or point, f"{self.name} did not start:\n{self.tail()}"

    async def died(self, seconds: float) -> bool:
        """Wait for its end, `seconds` at most; whether it has come."""
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._process.wait()
        return not self.running

    @property
    def code(self) -> int | None:
        """How its process ended: negative = by that signal."""
        return self._process.returncode if self._process is not None else None

    async def stall(self, seconds: float) -> None:
        """Let it hang, and go on as if nothing had been."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._process.send_signal(signal.SIGCONT)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal and return its exit code; one that does not listen to it is killed."""
        assert self._process is not None
        self.url = None
        if self.running:
            self._process.send_signal(number)
            if not await self.died(30):
                self._process.kill()
        code = await self._process.wait()
        if self._reading is not None:
            await self._reading
        return code

    def tail(self) -> str:
        """Return the end of what it logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]

    async def _read(self, process: asyncio.subprocess.Process, listening: asyncio.Event) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            if line.startswith(b"listening on "):
                self.url = line.decode().removeprefix("listening on ").strip()
                listening.set()
        self.url = None
        listening.set()
