"""Points at which a test ends a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

_SCRIPT = """
from maxserve.store.failpoints import hit
for name in ("accepted", "claimed", "accepted", "result"):
    hit(name)
    print(name, flush=True)
"""


@pytest.mark.parametrize(
    ("wanted", "code", "said"),
    [
        ("", 0, ["accepted", "claimed", "accepted", "result"]),
        ("claimed", -signal.SIGKILL, ["accepted"]),
        ("accepted:2", -signal.SIGKILL, ["accepted", "claimed"]),
        ("accepted:3", 0, ["accepted", "claimed", "accepted", "result"]),
        ("other", 0, ["accepted", "claimed", "accepted", "result"]),
    ],
)
def test_a_process_ends_where_it_is_told_to(wanted: str, code: int, said: list[str]) -> None:
    environment = os.environ | {"MAXSERVE_TASKS_KILL": wanted}
    done = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (code, said)
