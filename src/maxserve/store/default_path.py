"""The path of the SQLite file where no database is configured."""

from __future__ import annotations

from pathlib import Path


def default_file(data_dir: Path) -> Path:
    """Return SQLite's file in the data directory."""
    return data_dir / "maxserve.db"
