"""The synthetic upstream and the load generator: C programs of this folder, compiled when they are needed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .process import LOAD_CORES, Process, pinned

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"


def program(name: str) -> Path:
    """Compile `name`.c with the system's `cc`, unless that was done, and return the program."""
    source = HERE / f"{name}.c"
    target = BUILD / f"{name}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if not target.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-o", target, source], check=True)
    return target


class Upstream:
    """The synthetic engine: its port, and its pace for streams that start from now on."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.port = int(process.line().split()[1])

    def pace(self, interval_s: float = 0.0, burst: int = 0) -> None:
        """Write `burst` frames at a time (0: all that fits), `interval_s` seconds apart."""
        url = f"http://127.0.0.1:{self.port}/set/{round(interval_s * 1e6)}/{burst}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            answer.read()


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Run the synthetic engine on the load generator's core while the block runs."""
    process = Process([program("upstream"), "0"], LOAD_CORES)
    try:
        yield Upstream(process)
    finally:
        process.stop()


def request(path: str, body: dict[str, Any], key: str | None = None) -> bytes:
    """Return the bytes of a request that posts `body`."""
    text = json.dumps(body).encode()
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{authorization}"
    return head.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(text), text)


class Load:
    """A running load generator; `result` waits for what it measured."""

    def __init__(
        self,
        port: int,
        message: bytes,
        connections: int,
        seconds: float,
        warmup: float = 0.0,
        cores: frozenset[int] = LOAD_CORES,
        requests: int | None = None,
    ) -> None:
        with tempfile.NamedTemporaryFile(prefix="maxserve-bench-", delete=False) as file:
            file.write(message)
        self._file = Path(file.name)
        self._limit = seconds + warmup + 30
        command = [program("load"), str(port), self._file, str(connections), f"{seconds:g}", f"{warmup:g}"]
        if requests is not None:
            command.append(str(requests))
        with pinned(cores):
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE)

    def result(self) -> dict[str, Any]:
        """Return the load generator's counts and times; raises `RuntimeError` where it failed."""
        try:
            out, _ = self._process.communicate(timeout=self._limit)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._file.unlink()
        if self._process.returncode:
            raise RuntimeError(f"the load generator ended with {self._process.returncode}")
        result: dict[str, Any] = json.loads(out)
        return result


def load(port: int, message: bytes, connections: int, seconds: float, warmup: float = 0.3) -> dict[str, Any]:
    """Run the load generator to its end and return its counts and times."""
    return Load(port, message, connections, seconds, warmup).result()
