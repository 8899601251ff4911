"""A server of one's own for as long as a command runs: `maxserve serve` on a free port, for this process only."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from .client import Client
from .failure import Failure

_ADDRESS = re.compile(r"https?://\S+")
STOP_SECONDS = 10


@contextmanager
def local_server(flags: Sequence[str] = ()) -> Iterator[Client]:
    """Start a server with these flags of `serve`, yield a client of it, and stop it; raises `Failure`.

    It listens on loopback with a key that only this process knows, and ends when this process does, however it ends.
    """
    key = secrets.token_urlsafe(24)
    environ = os.environ | {"MAXSERVE_SERVER_HOST": "127.0.0.1", "MAXSERVE_SERVER_PORT": "0", "MAXSERVE_AUTH_KEYS": key}
    command = [sys.executable, "-m", "maxserve", "serve", "--stop-with-stdin", *flags]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal is for the chat, not for its server
        )
        try:
            yield Client(_address(process, log), key)
        finally:
            _stop(process)


def _address(process: subprocess.Popen[str], log: IO[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = _ADDRESS.search(line)
        if found:
            return found.group()
    process.wait()
    log.seek(0)
    tail = "\n".join(log.read().strip().splitlines()[-12:])
    raise Failure(f"The server did not start.\n{tail}")


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
