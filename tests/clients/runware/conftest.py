"""A server for Runware's SDKs, and the way that each of them is run: one scene of its tour in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.receiver import receiving
from tests.support.scripted import Scripted, scripted
from tests.support.serving import Served

from .cable import Cable, cable

FOLDER = Path(__file__).parent
KEY = "rw-a-key-of-the-server"
WORDS = "Easy.\n</think>\n\nIt is Paris, as always."
"""What the engine says, with its thought."""
ANSWER = "It is Paris, as always."
CALL = (
    'A tool helps.\n</think>\n\n<minimax:tool_call>\n<invoke name="get_weather">\n'
    '<parameter name="city">Oslo</parameter>\n</invoke>\n</minimax:tool_call>'
)
HURRY = {
    "RUNWARE_TIMEOUT_DURATION": "20000",
    "RUNWARE_TEXT_INITIAL_TIMEOUT": "10000",
    "RUNWARE_TEXT_POLLING_DELAY": "50",
    "RUNWARE_VIDEO_INITIAL_TIMEOUT": "500",
    "RUNWARE_VIDEO_POLLING_DELAY": "50",
}
"""The first Python SDK's waits, shortened."""

Scene = Callable[..., Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    # An async task that fails is tried again, unless told otherwise.
    with scripted(environ={"MAXSERVE_AUTH_KEYS": KEY, "MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[Scripted]:
    """A server that hangs up on those who say nothing for a moment."""
    with scripted(environ={"MAXSERVE_AUTH_KEYS": KEY, "MAXSERVE_RUNWARE_IDLE_S": "0.5"}) as running:
        yield running


@pytest.fixture
def wire(server: Scripted) -> Iterator[Cable]:
    with cable(address_of(server)) as made:
        yield made


@pytest.fixture
def background() -> Iterator[Callable[..., Future[Any]]]:
    """Run a call beside the test."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def play(
    command: Sequence[str | Path], scene: str, port: int, *, environ: dict[str, str] | None = None, **asked: Any
) -> Any:
    """Run a scene of a tour against the server at a port; return what it saw."""
    asked = {"ws": f"ws://127.0.0.1:{port}/v1", "http": f"http://127.0.0.1:{port}/v1", "key": KEY} | asked
    done = subprocess.run(
        [*command, scene, json.dumps(asked)], cwd=FOLDER, env=os.environ | HURRY | (environ or {}),
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def play_with_webhook(command: Sequence[str | Path], port: int, delivery: str) -> tuple[Any, dict[str, Any]]:
    """Run the scene of that name; return what it saw, and the one result that the webhook got."""
    async with receiving() as receiver:
        url = f"{receiver.url}/hook?token=s3cret"
        seen = await asyncio.to_thread(play, command, "webhook", port, webhook=url, delivery=delivery)
        (received,) = await receiver.received(1)
        assert received.path == "/hook?token=s3cret"
        return seen, json.loads(received.body)


def node(script: str) -> list[str]:
    """Return how a script of this folder is run; skipped visibly without Node or its packages, never in CI."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("node or the packages of tests/clients/runware are missing: run npm install there")
        pytest.skip("needs node, and npm install in tests/clients/runware")
    return ["node", script]


def port_of(server: Scripted | Served) -> int:
    return address_of(server)[1]


def address_of(server: Scripted | Served) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return parts.hostname or "", parts.port or 0
