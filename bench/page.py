"""bench/REPORT.md: one section per script, replaced whenever the script runs."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from maxserve.bench import Machine

from .budget import table
from .process import share_niceness

HERE = Path(__file__).parent
REPORT = HERE / "REPORT.md"
VALUES = HERE.parent / "build" / "bench" / "values.json"

_TITLE = """# Benchmarks: the last run

Written by the scripts of this folder; docs/benchmarks.md says what they measure and how to read them. Each section has
its own date and machine.
"""


class Page:
    """A section that grows while a script runs, printed as it does; `keep` False only prints it."""

    def __init__(self, name: str, title: str, command: str, *, keep: bool = True) -> None:
        machine = Machine.here()
        where = f"{machine.processor}, {machine.cores} cores, {machine.system}, Python {machine.python}"
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        load = f"load before {machine.load}{f', niceness {niceness}' if niceness else ''}"
        self.name = name
        self._keep = keep
        self.values: dict[str, float] = {}
        self._lines = [
            f"## {title}",
            "",
            f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {where}; {load}.",
            "",
        ]
        print("\n".join(self._lines), flush=True)

    def say(self, *lines: str) -> None:
        """Add lines of Markdown."""
        self._lines += lines
        print("\n".join(lines), flush=True)

    def rows(self, head: list[str], rows: list[list[str]]) -> None:
        """Add a table."""
        self.say("", _row(head), "|" + "---|" * len(head), *map(_row, rows), "")

    def measure(self, key: str, value: float) -> None:
        """Keep the value of a budget."""
        self.values[key] = value

    def save(self) -> None:
        """Add the budgets' table, write the section and keep the values for the summary."""
        if self.values:
            self.say("", *table(self.values), "")
        self.say(f"Load after: {os.getloadavg()[0]:.2f}.", "")
        if not self._keep:
            return
        found = sections()
        found[self.name] = "\n".join(self._lines).strip()
        write(found)
        VALUES.parent.mkdir(parents=True, exist_ok=True)
        VALUES.write_text(json.dumps({**values(), **self.values}, indent=2))


def values() -> dict[str, float]:
    """Return the budgets' values as far as they were measured on this machine."""
    return json.loads(VALUES.read_text()) if VALUES.exists() else {}


def sections() -> dict[str, str]:
    """Return the report's sections by name."""
    found: dict[str, str] = {}
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    for part in text.split("<!-- ")[1:]:
        name, _, body = part.partition(" -->\n")
        found[name] = body.strip()
    return found


def write(found: dict[str, str]) -> None:
    """Write the report: the summary first, then every section by name."""
    order = sorted(found, key=lambda name: (name != "summary", name))
    parts = [_TITLE, *(f"<!-- {name} -->\n{found[name]}\n" for name in order)]
    REPORT.write_text("\n".join(parts), encoding="utf-8")


def quiet() -> bool:
    """Say on standard error where the machine is busy with something else: absolute numbers are worth little then.

    `nice -n -20` in front of the command (as root) then keeps most of it for the benchmark.
    """
    share_niceness(os.getpid())
    load = os.getloadavg()[0]
    if load > 0.7:
        print(f"warning: the machine is busy (load {load:.1f}); absolute numbers will be too low", file=sys.stderr)
    return load <= 0.7


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
