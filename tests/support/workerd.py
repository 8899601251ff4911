"""Runs a Worker in `workerd`, Cloudflare's own runtime, with the env.AI of clients/workers bound to a server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "workers"
RUNTIME = CLIENT / "node_modules" / ".bin" / "workerd"


def need_packages(*folders: Path) -> None:
    """Skip visibly where Node.js or the packages of these folders are missing; fail in CI."""
    if shutil.which("node") is not None and all((folder / "node_modules").is_dir() for folder in folders):
        return
    where = ", ".join(str(folder.relative_to(ROOT)) for folder in folders)
    if os.environ.get("CI") == "true":
        pytest.fail(f"node or the packages of {where} are missing: run npm install there")
    pytest.skip(f"needs node, and npm install in {where}")


@contextmanager
def workerd(config: Path, url: str, *, key: str = "", imports: tuple[Path, ...] = (CLIENT,)) -> Iterator[str]:
    """Serve `config`'s one socket on a free port and yield its address; the binding asks the server at `url`.

    `imports` are the folders in which paths of the configuration that begin with a slash are looked for.
    """
    need_packages(CLIENT)
    paths = [argument for folder in imports for argument in ("--import-path", str(folder))]
    command = [str(RUNTIME), "serve", "--experimental", *paths, "--socket-addr", "http=127.0.0.1:0", str(config)]
    heard, said = os.pipe()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*command, "--control-fd", str(said)],
            pass_fds=[said],
            stderr=errors,
            env=os.environ | {"MAXSERVE_URL": url, "MAXSERVE_API_KEY": key},
        )
        os.close(said)
        try:
            with os.fdopen(heard) as events:
                event = events.readline()
                if not event:
                    process.wait(30)
                    errors.seek(0)
                    raise AssertionError(f"workerd did not start:\n{errors.read()}")
                yield f"http://127.0.0.1:{json.loads(event)['port']}"
        finally:
            process.terminate()
            process.wait(30)
