"""How many threads are used where nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.engines import cpu as cores


def machine(folder: Path, siblings: list[str]) -> None:
    for number, text in enumerate(siblings):
        topology = folder / f"cpu{number}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("siblings", "allowed", "quota", "expected"),
    [
        (["0-1", "0-1", "2-3", "2-3"], {0, 1, 2, 3}, None, 2),
        (["0", "1", "2", "3"], {0, 1, 2, 3}, None, 4),
        (["0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7"], {0, 4, 1}, None, 2),
        (["0", "1", "2", "3"], {0, 1, 2, 3}, 2, 2),
        (["0", "1"], {0, 1}, 8, 2),
        ([], {0, 1, 2}, None, 3),
    ],
)
def test_one_thread_per_physical_core(
    siblings: list[str],
    allowed: set[int],
    quota: int | None,
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(tmp_path, siblings)
    monkeypatch.setattr(cores, "_CPUS", tmp_path)
    monkeypatch.setattr(cores, "available", lambda: allowed)
    monkeypatch.setattr(cores, "_quota", lambda: quota)
    assert cores.physical() == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("max 100000", None), ("150000 100000", 2), ("50000 100000", 1), ("", None), ("x y", None)]
)
def test_a_container_s_quota(text: str, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu.max").write_text(text)
    monkeypatch.setattr(cores, "_QUOTA", tmp_path / "cpu.max")
    assert cores._quota() == expected
    monkeypatch.setattr(cores, "_QUOTA", tmp_path / "none")
    assert cores._quota() is None


def test_this_machine() -> None:
    assert 1 <= cores.physical() <= len(cores.available())
    assert cores.memory_mib() > 100
