"""Processes that a benchmark starts: pinned to cores, weighed, and always ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

SERVER_CORES: frozenset[int]
"""Where the measured server runs; the load generator and the synthetic upstream have the others."""
LOAD_CORES: frozenset[int]

_all = sorted(os.sched_getaffinity(0))
SERVER_CORES, LOAD_CORES = frozenset(_all[:1]), frozenset(_all[1:2] or _all)


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Start children on `cores` while the block runs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Process:
    """A child process of ours, in a session of its own so that it ends with all it started."""

    def __init__(
        self,
        command: Sequence[str | Path],
        cores: frozenset[int],
        *,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        with pinned(cores):
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log.open("wb") if log else subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self.log = log
        self.pid = self._process.pid
        share_niceness(self.pid)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def line(self) -> str:
        """Return the next line that it prints; raises `RuntimeError` where it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended: {self.tail()}")
        return line.decode().strip()

    def write(self, data: bytes) -> None:
        """Give it something to read."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def tail(self) -> str:
        """Return the end of what it said on standard error."""
        return self.log.read_text(errors="replace")[-2000:] if self.log and self.log.exists() else ""

    def tree(self) -> list[int]:
        """Return its id and those of all its descendants."""
        return descendants(self.pid)

    def cpu(self) -> float:
        """Return the seconds of CPU that it used so far, without its children's."""
        return cpu(self.pid)

    def memory(self) -> int:
        """Return its resident bytes and its descendants'."""
        return sum(memory(pid) for pid in self.tree())

    def stop(self) -> None:
        """End it and everything it started; safe to call twice."""
        if self.running:
            assert self._process.stdin is not None
            with suppress(OSError):
                self._process.stdin.close()
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def share_niceness(pid: int) -> None:
    """Give a process the niceness that we have: Linux schedules sessions as groups, and nice counts only inside one."""
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def cpu(pid: int) -> float:
    """Return the seconds of CPU, user and system, of all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> int:
    """Return the resident bytes of a process, 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def children(pid: int) -> list[int]:
    """Return the ids of the direct children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """Return the process's id and those of everything below it."""
    found = [pid]
    for at in found:
        found += children(at)
    return found


def pin(pid: int, cores: frozenset[int]) -> None:
    """Move all threads of a running process to `cores`."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            os.sched_setaffinity(int(task.name), cores)


def wait_until(condition: object, seconds: float, what: str) -> None:
    """Poll until `condition()` is true; raises `RuntimeError` after `seconds`."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)
