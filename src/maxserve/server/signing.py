"""The secret that signs thoughts which clients keep."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import tempfile
from pathlib import Path

from ..config import Config

log = logging.getLogger("maxserve.server")

FILE = "signing.key"
_SIZE = 32


def signing_secret(config: Config) -> bytes:
    """Return `auth.signing_key`, else the random one that the data directory keeps over restarts.

    Where the directory cannot be written, the secret lives as long as the process: the server serves all the same, and
    thoughts that come back after a restart are not believed.
    """
    if config.auth.signing_key:
        return config.auth.signing_key.encode()
    try:
        return kept_secret(config.data_dir / FILE)
    except OSError as error:
        log.warning("the signing key could not be stored, signatures are valid until restart: %s", error)
        return secrets.token_bytes(_SIZE)


def kept_secret(path: Path) -> bytes:
    """Return the secret in `path` (64 hex digits, mode 0600), made on the first call; raises `OSError`.

    Processes that start together get the same one: the file appears whole, and only where there is none.
    """
    if (secret := _read(path)) is not None:
        return secret
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_bytes(_SIZE)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh.hex())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            if (secret := _read(path)) is not None:
                return secret
            log.warning("%s holds no signing key: a new one is created, older signatures are invalid", path)
            os.replace(name, path)
        except OSError:  # a file system without hard links
            os.replace(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return fresh


def _read(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except (FileNotFoundError, ValueError):
        return None
    return secret if len(secret) == _SIZE else None
