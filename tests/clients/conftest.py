"""One real server for all client tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving import Served, serving


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running
