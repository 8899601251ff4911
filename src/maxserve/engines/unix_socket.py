"""Private directories for Unix-domain sockets, and the removal of those whose server was killed.

A server holds a lock on a file in each of its directories while it lives. Another server that starts removes only
directories whose lock nobody holds, so it never takes the directory of an engine that is being restarted.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PREFIX = "maxserve-engine-"
LOCK = "owner.lock"
PATH_LIMIT = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS)."""

_locks: dict[Path, int] = {}
"""The open lock file of each directory of this process."""


def make_folder() -> Path | None:
    """Return a new directory that only this user can enter; None without such sockets or with too long a path."""
    if sys.platform == "win32":
        return None
    sweep(Path(tempfile.gettempdir()))
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        if len(os.fsencode(folder)) > PATH_LIMIT - len("/99999.sock"):
            folder.rmdir()
            return None
        lock = _lock(folder / LOCK)
        # Between its creation and its lock another server may have taken the directory for an abandoned one.
        if lock is not None and (folder / LOCK).exists():
            _locks[folder] = lock
            return folder
        if lock is not None:
            os.close(lock)


def remove_folder(folder: Path) -> None:
    """Remove a directory of this process and give up its lock."""
    shutil.rmtree(folder, ignore_errors=True)
    lock = _locks.pop(folder, None)
    if lock is not None:
        os.close(lock)


def sweep(parent: Path) -> None:
    """Remove our directories in `parent` whose server does not live any more."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid() or folder.is_symlink() or not (folder / LOCK).is_file():
                continue
            if any(path.suffix != ".sock" and path.name != LOCK for path in folder.iterdir()):
                continue
            lock = _lock(folder / LOCK)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)
        except OSError:
            continue


def _lock(path: Path) -> int | None:
    """Open and lock a file; None where another process, or this one, holds the lock."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file
