"""Private places for Unix-domain sockets, and the removal of those whose owner was killed."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

PREFIX = "maxserve-engine-"

PATH_LIMIT = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS)."""


def make_folder() -> Path | None:
    """Return a new directory that only this user can enter; None without such sockets or with too long a path."""
    if sys.platform == "win32":
        return None
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if len(os.fsencode(folder)) > PATH_LIMIT - len("/99999.sock"):
        folder.rmdir()
        return None
    return folder


def sweep(parent: Path) -> None:
    """Remove our folders in `parent` whose sockets nobody listens on any more: their server was killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                continue
            found = list(folder.iterdir())
            if found and all(path.suffix == ".sock" and not _answers(path) for path in found):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True  # busy, or not ours to judge
        return True
