"""`python -m bench`: run every benchmark and sum the budgets up at the head of bench/REPORT.md.

Each part runs in a process of its own and has three minutes; a part that fails or takes longer is named, and the others
still run. `--quick` only shows that everything works. `--only PART` is repeatable.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import UTC, datetime

from maxserve.bench import Machine

from . import page
from .budget import BUDGETS, table

PARTS = ("hotpath", "masking", "relay", "engine", "sockets", "tasks", "loop_gap", "kill")
LIMIT_S = 180.0


def summary(failed: list[str]) -> list[str]:
    """Return the lines of the summary: every budget that was ever measured here."""
    values = page.values()
    machine = Machine.here()
    missing = [BUDGETS[key].what for key in BUDGETS if key not in values]
    lines = [f"## Budgets, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine.processor}, {machine.cores} cores", ""]
    lines += table(values)
    if missing:
        lines += ["", f"Not measured: {'; '.join(missing)}."]
    if failed:
        lines += ["", f"Failed: {', '.join(failed)}."]
    return lines


def main() -> None:
    """Run the parts; exit code 1 where one of them failed. A missed budget is a line in the report, no failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short runs that only show that everything works")
    parser.add_argument("--only", action="append", choices=PARTS, default=[], help="run this part; repeatable")
    args = parser.parse_args()
    failed = []
    for part in args.only or PARTS:
        command = [sys.executable, "-m", f"bench.{part}"]
        if args.quick:
            quick = {name: ["--quick"] for name in PARTS if name not in ("hotpath", "kill")}
            quick["kill"] = ["--kills", "5"]
            command += quick.get(part, [])
        start = time.monotonic()
        try:
            code = subprocess.run(command, timeout=LIMIT_S, check=False).returncode
        except subprocess.TimeoutExpired:
            code = -1
        print(f"{part}: {time.monotonic() - start:.0f} s, {'done' if code == 0 else 'FAILED'}\n", flush=True)
        if code:
            failed.append(part)
    lines = summary(failed)
    print("\n".join(lines))
    sections = page.sections()
    sections["summary"] = "\n".join(lines)
    page.write(sections)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
