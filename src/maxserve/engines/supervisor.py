"""A child process that is watched, and started again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..chat import EngineCrashed, EngineError, EngineUnavailable
from ..http.address import Address
from . import unix_socket as sockets
from .engine import EngineState

CHILD = Path(__file__).with_name("engine_process.py")

LOG_LINES = 200
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 10.0
HEALTHY_S = 60.0
CLOSE_S = 2.0


class ProcessPaths(msgspec.Struct, frozen=True):
    """Where a running child answers, and the key that it asks for; `run` counts the starts."""

    address: Address
    key: str
    run: int


class Supervisor:
    """Keeps one child process running.

    `config` is what `child.py` reads, less parent, socket and key. The first restart comes at once, the next after
    0.1 s, doubling up to 10 s; 60 s of health forget the past. A child that never came up and ended by itself, or
    more than `max_restarts` ends within a minute, is final: the state is "failed" and the error holds the child's
    last log lines. `on_line` gets every line of the child's log but
    those with a part in `noise`.
    """

    def __init__(
        self,
        name: str,
        config: dict[str, Any],
        *,
        start_timeout: float,
        max_restarts: int,
        on_line: Callable[[str], None] | None = None,
        noise: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.state: EngineState = "stopped"
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.pid: int | None = None
        self.ended = ""
        self._config = config
        self._start_timeout = start_timeout
        self._max_restarts = max_restarts
        self._on_line = on_line
        self._noise = noise
        self._logger = logging.getLogger(f"maxserve.engine.{name}")
        self._process: asyncio.subprocess.Process | None = None
        self._place: ProcessPaths | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._directory: Path | None = None
        self._runs = 0
        self._first = 1
        self._error = ""

    @property
    def now(self) -> ProcessPaths | None:
        """Where the child answers at this moment, None while it does not."""
        return self._place

    async def start(self) -> ProcessPaths:
        """Start the child and return its place when it answers; raises `EngineUnavailable` where it cannot."""
        if self._task is None or self._task.done():
            self._error = ""
            self._first = self._runs + 1
            self._set("starting")
            self._task = asyncio.create_task(self._watch(), name=f"engine {self.name}")
        return await self.place(None)

    async def place(self, timeout: float | None) -> ProcessPaths:
        """Return where the child answers, waiting up to `timeout` seconds for a start or restart that is under way."""
        try:
            async with asyncio.timeout(timeout):
                while (place := self._place) is None:
                    if self.state in ("failed", "stopped"):
                        raise EngineUnavailable(self._error or f"The engine '{self.name}' is not running.")
                    self._changed.clear()
                    await self._changed.wait()
                return place
        except TimeoutError:
            raise EngineUnavailable(f"The engine '{self.name}' is {self.state}; try again.", retry_after=5.0) from None

    async def crashed(self, run: int) -> EngineError:
        """Return the error that says how start `run` ended, waiting a moment for the exit status."""
        if self.state == "stopped":
            return EngineUnavailable(f"The engine '{self.name}' was closed.")
        try:
            async with asyncio.timeout(CLOSE_S):
                while self._runs == run and self._place is not None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return EngineCrashed(f"The engine '{self.name}' closed the connection while it worked on this request.")
        return EngineCrashed(f"The engine '{self.name}' {self.ended or 'ended'} while it worked on this request.")

    async def close(self) -> None:
        """End the child and the watch over it; safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state != "failed":
            self._set("stopped")
        if self._directory is not None:
            directory, self._directory = self._directory, None
            await asyncio.to_thread(sockets.remove_folder, directory)

    def _set(self, state: EngineState) -> None:
        self.state = state
        self._changed.set()

    async def _watch(self) -> None:
        """Run the child, again and again; the only place that changes the state."""
        loop = asyncio.get_running_loop()
        ends: deque[float] = deque(maxlen=self._max_restarts + 1)
        delay = 0.0
        while True:
            try:
                place, since, code = await self._run_once()
                self.ended = _ending(code)
            except Exception as error:  # whatever it is, the state must not stay as it was: it counts as an end
                self._logger.exception("The engine's process could not be run.")
                self._hear(f"maxserve: {type(error).__name__}: {error}")
                place, since, code = None, loop.time(), 0
                self.ended = "could not be run"
            now = loop.time()
            if place is None and code >= 0 and self._runs == self._first:
                self._fail(f"The engine '{self.name}' could not start: {self._reason()}")
                return
            ends.append(now)
            if len(ends) > self._max_restarts and now - ends[0] < 60.0:
                self._fail(
                    f"The engine '{self.name}' {self.ended}, {len(ends)} times within a minute, "
                    f"and is not started again. Its last words:\n{self._tail()}"
                )
                return
            if place is not None and now - since > HEALTHY_S:
                delay = 0.0
            self._logger.error("The engine %s; it is started again in %.1f s.\n%s", self.ended, delay, self._tail())
            self._set("restarting")
            await asyncio.sleep(delay)
            delay = min(LONGEST_DELAY_S, delay * 2 or FIRST_DELAY_S)

    async def _run_once(self) -> tuple[ProcessPaths | None, float, int]:
        """Start one child and wait for its end; returns its place if it came up, since when, and its exit status."""
        loop = asyncio.get_running_loop()
        self._runs += 1
        socket, key = await asyncio.to_thread(self._next_socket), secrets.token_urlsafe(32)
        config = {**self._config, "parent": os.getpid(), "socket": socket, "key": key}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-u",
            "-P",
            str(CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
            start_new_session=True,
        )
        self._process, self.pid = process, process.pid
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        reader = asyncio.create_task(self._read_log(process.stderr), name=f"log of engine {self.name}")
        place = None
        try:
            with contextlib.suppress(OSError, RuntimeError):  # it ended already: uvloop raises RuntimeError
                process.stdin.write(json.dumps(config).encode() + b"\n")
            try:
                async with asyncio.timeout(self._start_timeout):
                    line = await process.stdout.readline()
            except TimeoutError:
                self._hear(f"maxserve: no answer within {self._start_timeout:g} s of the start")
                line = b""
            ready = _ready(line)
            if "address" in ready:
                place = ProcessPaths(Address.parse(ready["address"]), key, self._runs)
                self._place = place
                self._set("ready")
            elif "error" in ready:
                self._hear(f"maxserve: {ready['error']}")
            elif line or process.returncode is None:
                await self._end(process)
            since = loop.time()
            code = await process.wait()
            # The log's end may come a moment after the process's; a grandchild could hold the pipe for ever.
            await asyncio.wait((reader,), timeout=0.5)
            return place, since, code
        finally:
            self._place = None
            self.pid = None
            if process.returncode is None:
                await self._end(process)
            reader.cancel()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """End a child: closing its standard input is enough, unless it hangs."""
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _read_log(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the reader's limit: passed over
                continue
            if not line:
                return
            self._hear(line.decode("utf-8", "replace").rstrip())

    def _hear(self, line: str) -> None:
        if not line or any(part in line for part in self._noise):
            return
        self.log.append(line)
        self._logger.debug("%s", line)
        if self._on_line is not None:
            self._on_line(line)

    def _next_socket(self) -> str:
        """Return the path for the child's socket in a directory of this user only; "" without such sockets."""
        if self._directory is None or not self._directory.is_dir():
            self._directory = sockets.make_folder()
            if self._directory is None:
                return ""
        for old in self._directory.glob("*.sock"):
            old.unlink()
        return str(self._directory / f"{self._runs}.sock")

    def _fail(self, message: str) -> None:
        self._error = message
        self._logger.error("%s", message)
        self._set("failed")

    def _reason(self) -> str:
        last = self.log[-1] if self.log else ""
        said = last.removeprefix("maxserve: ") if last.startswith("maxserve: ") else self.ended
        return f"{said}\n{self._tail()}"

    def _tail(self, lines: int = 20) -> str:
        return "\n".join(list(self.log)[-lines:])


def _ready(line: bytes) -> dict[str, Any]:
    """Return what the child said when it came up; {} where it said nothing, or ended in the middle of the line."""
    try:
        ready = json.loads(line)
    except ValueError:
        return {}
    return ready if isinstance(ready, dict) else {}


def _ending(code: int) -> str:
    if code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"
    return f"ended with status {code}"
