"""Starts a real `maxserve serve` for tests and says where it listens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Served:
    """A running server: its address, its process, and what it has logged."""

    def __init__(self, process: subprocess.Popen[str], url: str, errors: Path) -> None:
        self.process = process
        self.url = url
        self._errors = errors

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.url}/v1"

    def log(self) -> str:
        """Everything that the server wrote to its standard error."""
        return self._errors.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serving(*flags: str, env: dict[str, str] | None = None) -> Iterator[Served]:
    """Run `maxserve serve --port 0` with `flags` until the block ends; it must then end by itself on SIGTERM."""
    with tempfile.TemporaryDirectory(prefix="maxserve-test-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAXSERVE_")}
        # One thread an engine: two that wait for each other crawl where tests share the cores with other work.
        threads = {f"MAXSERVE_ENGINES_{engine}_THREADS": "1" for engine in ("M2", "M3")}
        environment |= {"MAXSERVE_DATA_DIR": folder, "PYTHONUNBUFFERED": "1", **threads, **(env or {})}
        errors = Path(folder) / "stderr.log"
        with errors.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "maxserve", "serve", "--port", "0", *flags],
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                env=environment,
                cwd=folder,
            )
        try:
            assert process.stdout is not None
            url = _address(process.stdout)
            if url is None:
                process.wait(30)
                raise AssertionError(f"the server did not start:\n{errors.read_text(encoding='utf-8')}")
            yield Served(process, url, errors)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(f"the server ignored SIGTERM:\n{errors.read_text(encoding='utf-8')}") from None
            finally:
                if process.stdout is not None:
                    process.stdout.close()


def _address(stdout: IO[str]) -> str | None:
    for line in stdout:
        if line.startswith("listening on "):
            return line.removeprefix("listening on ").strip()
    return None
