"""Where maxserve looks for its file and keeps its data, by the platform's customs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs

from .sourced import ConfigError

FILE_NAME = "maxserve.toml"


def default_data_dir() -> Path:
    """The user's data directory of the platform (`~/.local/share/maxserve` on Linux)."""
    return Path(platformdirs.user_data_dir("maxserve", appauthor=False))


def config_file(chosen: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """Return the file to read: `--config`, else `MAXSERVE_CONFIG`, else ./maxserve.toml, else the platform's; or None.

    Raises `ConfigError` where a file was named that does not exist.
    """
    named = environ.get("MAXSERVE_CONFIG")
    wish = chosen or (Path(named) if named else None)
    if wish is not None:
        path = cwd / wish.expanduser()
        if not path.is_file():
            raise ConfigError(f"{'--config' if chosen else 'MAXSERVE_CONFIG'} names {path}, which is no file.")
        return path
    for folder in (cwd, Path(platformdirs.user_config_dir("maxserve", appauthor=False))):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None
