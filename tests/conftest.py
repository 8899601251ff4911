"""What every test shares: the network is off except loopback, and nothing of the user's own setup is read.

With CI=true a skipped test is a failed one: what CI does not run, nobody does. The one exception are the tests of the
training recipe that need its own packages (the `train` extra): nothing that is served depends on them.
"""

from __future__ import annotations

import inspect
import os
import socket
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from tests.support.databases import database_url, postgres_server

__all__ = ["database_url", "postgres_server"]

_connect = socket.socket.connect
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _connect_locally(self: socket.socket, address: Any) -> Any:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOCAL):
        raise OSError(f"a test tried to reach {address}: the network is off in tests")
    return _connect(self, address)


STARTUP = (
    ("catalogue/catalogue.py", "load"),
    ("families/template.py", "own"),
    ("config/load.py", "load"),
    ("server/run.py", "create_state"),
    ("server/app.py", "create_app"),
    ("store/open.py", "open_database"),
)
"""What runs before a server announces itself and may block its event loop."""

_CI = os.environ.get("CI") == "true"
_TRAINING = Path(__file__).parent / "training"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skipped tests into failures in CI."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _must_run(item.path):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn skipped modules into failures in CI."""
    report = yield
    if report.skipped and _must_run(collector.path):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test an id of its own: of tests that share one, all but one are lost where files run side by side."""
    for item in items:
        operation = item.name.removeprefix(getattr(item, "originalname", ""))
        if operation and item.nodeid.endswith(item.originalname):  # schemathesis says it in the name only
            item._id = item._id.with_params(operation[1:-1])
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"several tests have the id {twice[0]}")


def _must_run(path: Path) -> bool:
    return _CI and not path.is_relative_to(_TRAINING)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    monkeypatch.setattr(socket.socket, "connect", _connect_locally)


@pytest.fixture(autouse=True)
def no_blocking(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail an async test whose event loop makes a blocking call from code of maxserve: it would stall every stream."""
    if not inspect.iscoroutinefunction(request.function):
        yield
        return
    with blockbuster_ctx("maxserve", excluded_modules=["maxserve.cli"]) as guard:
        for function in guard.functions.values():
            for file, name in STARTUP:
                function.can_block_in(file, name)
        yield


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
