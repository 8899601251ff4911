"""Fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .scripted import Scripted, scripted_server


@pytest.fixture
def script() -> Iterator[Scripted]:
    """A server that answers by script."""
    with scripted_server() as running:
        yield running
