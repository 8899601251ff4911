"""How long the event loop stands still when a feature is used for the first time.

A thread asks `/livez` on a kept connection every two milliseconds; its longest answer shows the longest gap of the
loop. Measured at rest, then while the first Runware task, the first request through a Cloudflare gateway and the first
WebSocket arrive. `python -m bench.loop_gap [--quick]`; under a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from websockets.asyncio.client import connect

from .page import Page
from .process import LOAD_CORES, SERVER_CORES, Process, pinned

PAUSE_S = 0.002
REST_S = 8.0
AFTER_S = 3.0


class Probe:
    """Asks `/livez` again and again; `longest` is reset by `start`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stop = threading.Event()
        self.longest_s = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Forget what was seen so far."""
        self.longest_s = 0.0

    def close(self) -> None:
        """Stop asking."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._stop.is_set():
            began = time.perf_counter()
            connection.request("GET", "/livez")
            connection.getresponse().read()
            self.longest_s = max(self.longest_s, time.perf_counter() - began)
            time.sleep(PAUSE_S)
        connection.close()


def post(port: int, path: str, body: object) -> int:
    """Send one request and return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


async def ping(port: int) -> None:
    """Open a WebSocket and wait for one pong."""
    async with connect(f"ws://127.0.0.1:{port}/v1") as socket:
        await socket.send(json.dumps([{"taskType": "ping", "ping": True}]))
        await socket.recv()


def started(folder: Path) -> tuple[Process, int]:
    """Start a server with one demo checkpoint and return it with its port."""
    command = [
        sys.executable,
        "-m",
        "maxserve",
        "serve",
        "--port",
        "0",
        "--without",
        "m3",
        "--data-dir",
        folder / "data",
    ]
    process = Process(command, SERVER_CORES, log=folder / "log")
    return process, int(process.line().rpartition(":")[2])


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run that keeps nothing")
    args = parser.parse_args()
    page = Page("loop_gap", "First use of a feature", "python -m bench.loop_gap", keep=not args.quick)
    task = {"taskType": "textInference", "taskUUID": str(uuid.uuid4()), "deliveryMethod": "async",
            "model": "minimax:m2.7@0", "messages": [{"role": "user", "content": "Hi"}]}  # fmt: skip
    chat = {"model": "minimax/m2.7", "max_tokens": 4, "messages": [{"role": "user", "content": "Hi"}]}
    steps = {
        "first Runware task": lambda port: post(port, "/v1", [task]),
        "first gateway request": lambda port: post(port, f"/v1/{'0' * 32}/default/compat/chat/completions", chat),
        "first WebSocket": lambda port: asyncio.run(ping(port)),
    }
    with tempfile.TemporaryDirectory() as name, pinned(LOAD_CORES):
        process, port = started(Path(name))
        try:
            probe = Probe(port)
            time.sleep(1)
            probe.start()
            time.sleep(2.0 if args.quick else REST_S)
            rest_s = probe.longest_s
            rows = [["at rest", f"{rest_s * 1000:.1f}", ""]]
            worst = 0.0
            for what, step in steps.items():
                probe.start()
                step(port)
                time.sleep(1.0 if args.quick else AFTER_S)
                above = max(0.0, probe.longest_s - rest_s) * 1000
                worst = max(worst, above)
                rows.append([what, f"{probe.longest_s * 1000:.1f}", f"{above:.1f}"])
            probe.close()
        finally:
            process.stop()
    page.rows(["while", "longest gap, ms", "above rest, ms"], rows)
    page.measure("loop_gap", worst)
    page.save()


if __name__ == "__main__":
    main()
