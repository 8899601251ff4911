"""Folders for sockets: private, short enough, and removed when nobody listens any more."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from maxserve.engines import unix_socket as sockets


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="t") as folder:  # pytest's own paths are too long for sockets
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def listen(folder: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "1.sock"))
    listener.listen()
    return listener


def abandon(folder: Path) -> None:
    """Give up the lock as the end of its process does."""
    os.close(sockets._locks.pop(folder))


def test_only_folders_whose_server_is_gone_are_swept(place: Path) -> None:
    dead, live, fresh = (sockets.make_folder() for _ in range(3))
    assert dead
    assert live
    assert fresh
    listen(dead).close()
    abandon(dead)
    listen(live).close()  # its engine was killed and is about to be restarted
    (place / "maxserve-engine-file").write_text("not a folder")
    other = place / "maxserve-engine-other"
    other.mkdir()
    (other / "notes").write_text("somebody's own")
    new = sockets.make_folder()
    assert new is not None
    assert stat.S_IMODE(new.stat().st_mode) == 0o700
    assert not dead.exists()
    assert all(folder.exists() for folder in (live, fresh, other, place / "maxserve-engine-file"))
    for folder in (live, fresh, new):
        sockets.remove_folder(folder)
        assert not folder.exists()


def test_process_that_is_killed_leaves_a_folder_that_the_next_server_removes(place: Path) -> None:
    script = (
        "from maxserve.engines import unix_socket as s; import time; print(s.make_folder(), flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(place)}
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    sockets.sweep(place)
    assert folder.is_dir()
    process.kill()
    process.wait()
    process.stdout.close()
    sockets.sweep(place)
    assert not folder.exists()


def test_too_long_a_path_means_loopback(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = place / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert sockets.make_folder() is None
    assert list(deep.iterdir()) == []
