"""One real server for all client tests, and the way JavaScript clients are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, serving

FOLDER = Path(__file__).parent
Tour = Callable[..., Any]


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def tour() -> Tour:
    """Run a script of this folder in Node and return the JSON it prints; skipped visibly without Node, never in CI."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("node or the packages of tests/clients are missing: run npm install there")
        pytest.skip("needs node, and npm install in tests/clients")

    def run(script: str, *arguments: str) -> Any:
        command = ["node", script, *arguments]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
