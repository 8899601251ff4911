"""The long tests: `make soak`, or `pytest -n 0 -m soak`. The environment sets their length."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import masking_cases, task_rounds

CASES = os.environ.get("MAXSERVE_SOAK_CASES", "100000")
ROUNDS = os.environ.get("MAXSERVE_SOAK_ROUNDS", "200")
pytestmark = [pytest.mark.soak, pytest.mark.timeout(4 * 3600)]


def test_random_texts_are_masked_alike_streamed_and_whole() -> None:
    assert masking_cases.main(["--cases", CASES]) == 0


def test_killed_servers_lose_no_task_and_no_webhook(tmp_path: Path) -> None:
    assert task_rounds.main(["--rounds", ROUNDS, "--state", str(tmp_path / "state.json")]) == 0
