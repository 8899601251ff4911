"""Runware's two Python SDKs, each in an environment of its own: both are imported as `runware`.

    python -m tests.clients.runware.environments

makes those that are missing or of another version, in `.venv` beside this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / ".venv"
SDKS = {"legacy": "runware~=0.5.24", "new": "runware-sdk~=1.8.0"}
"""What is installed in which: these releases, or later ones that only mend them."""


def python_of(name: str) -> Path:
    """Return the interpreter that has the SDK; without it skip visibly, never in CI."""
    if not _made(name):
        wish = "python -m tests.clients.runware.environments"
        if os.environ.get("CI") == "true":
            pytest.fail(f"the environment with {SDKS[name]} is missing: run {wish}")
        pytest.skip(f"needs the environment with {SDKS[name]}: run {wish}")
    return _interpreter(name)


def make(name: str) -> None:
    """Make one from nothing; raises `CalledProcessError` where it cannot be filled."""
    place = FOLDER / name
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    install = [_interpreter(name), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDKS[name]]
    subprocess.run(install, check=True)
    _stamp(name).write_text(_wanted(name), encoding="utf-8")


def _made(name: str) -> bool:
    stamp = _stamp(name)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _wanted(name)


def _wanted(name: str) -> str:
    return f"{SDKS[name]} on Python {sys.version}\n"


def _stamp(name: str) -> Path:
    return FOLDER / name / "filled-with.txt"


def _interpreter(name: str) -> Path:
    return FOLDER / name / "bin" / "python"


if __name__ == "__main__":
    for each, release in SDKS.items():
        if not _made(each):
            make(each)
        print(f"{release}: {_interpreter(each)}")
