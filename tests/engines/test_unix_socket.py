"""Folders for sockets: private, short enough, and removed when nobody listens any more."""

from __future__ import annotations

import socket
import stat
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


def test_only_dead_folders_are_swept(place: Path) -> None:
    dead, live, fresh = (sockets.make_folder() for _ in range(3))
    assert dead
    assert live
    assert fresh
    listen(dead).close()
    (place / "maxserve-engine-file").write_text("not a folder")
    other = place / "maxserve-engine-other"
    other.mkdir()
    listen(other).close()
    (other / "notes").write_text("somebody's own")
    with listen(live):
        new = sockets.make_folder()
        assert new is not None
        assert stat.S_IMODE(new.stat().st_mode) == 0o700
        assert not dead.exists()
        assert all(folder.exists() for folder in (live, fresh, other, place / "maxserve-engine-file"))


def test_too_long_a_path_means_loopback(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = place / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert sockets.make_folder() is None
    assert list(deep.iterdir()) == []
