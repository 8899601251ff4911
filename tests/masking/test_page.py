"""docs/masking.md tells of every detector, its label and how much it may hold."""

from __future__ import annotations

from pathlib import Path

from maxserve.masking import DETECTORS

PAGE = (Path(__file__).parents[2] / "docs" / "masking.md").read_text(encoding="utf-8")


def test_every_detector_is_told_of_with_its_label_and_bound() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")
    ]
    told = [(row[0].strip("`"), row[1].strip("`"), row[-1]) for row in rows if row[0].strip("`") in DETECTORS]
    assert told == [(name, f"[{it.label}]", str(it.longest)) for name, it in DETECTORS.items()]
