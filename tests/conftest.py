"""What every test shares: the network is off except loopback, and nothing of the user's own setup is read.

With CI=true a skipped test is a failed one: what CI does not run, nobody does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

_connect = socket.socket.connect
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _connect_locally(self: socket.socket, address: Any) -> Any:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOCAL):
        raise OSError(f"a test tried to reach {address}: the network is off in tests")
    return _connect(self, address)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skips into failures in CI."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    monkeypatch.setattr(socket.socket, "connect", _connect_locally)


@pytest.fixture(autouse=True, scope="session")
def clean_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hide the user's configuration, data and `MAXSERVE_…` variables from all tests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("MAXSERVE_"):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache")):
            patch.setenv(name, str(home / folder))
        yield home
