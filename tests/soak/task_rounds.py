"""Servers that are killed under tasks: `python -m tests.soak.task_rounds [--rounds N] [--seed S]`.

A round kills a server under tasks at one of its named points. Each session of rounds has a database of its own, in
turn SQLite with one server and PostgreSQL with two (of which one is killed), unless `--only` or `--database` says
which. With `--state FILE` an interrupted run goes on where it stopped. Exit code 1 at the first session with a broken
promise, whose folder is kept. `make soak` runs it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.faults.storm import CUT, POINTS, STALL, STOP, Storm, sqlite
from tests.support.databases import created, postgres

SESSION = 14
"""Kills on one database, each point twice; in between servers are told to stop, hang, or lose their connections."""


async def session(folder: Path, url: str, seed: int, rounds: int, replicas: int) -> Storm:
    """Run some rounds and settle."""
    others = [STOP, STOP] if replicas == 1 else [STOP, CUT, STALL]
    points = [*(POINTS * (rounds // len(POINTS) + 1))[:rounds], *others]
    random.Random(seed).shuffle(points)
    async with Storm(folder, url, seed=seed, replicas=replicas) as storm:
        for point in points:
            await storm.round(point)
            if storm.complaints:
                break
        await storm.settle()
    return storm


def sides(only: str | None) -> Iterator[str]:
    """Yield where the sessions run, in turns."""
    while True:
        for side in ("sqlite", "postgres"):
            if only in (None, side):
                yield side


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one server on SQLite, or two on PostgreSQL")
    parser.add_argument("--database", help="a database for all rounds instead: its rows stay")
    parser.add_argument("--replicas", type=int, default=1, help="how many servers share --database")
    parser.add_argument("--state", type=Path, help="where to remember what was done")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that nothing is left behind
    done = Counter({"kills": 0})
    if args.state and args.state.exists():
        done.update(json.loads(args.state.read_text()))
    began, slowest = time.monotonic(), 0.0
    with ExitStack() as stack:
        server = None
        for number, side in enumerate(sides(args.only)):
            if done["kills"] >= args.rounds:
                break
            seed = args.seed + number + done["kills"]
            rounds = min(SESSION, args.rounds - done["kills"])
            folder = Path(tempfile.mkdtemp(prefix="maxserve-storm-"))
            with ExitStack() as own:
                if args.database:
                    url, replicas = args.database, args.replicas
                elif side == "sqlite":
                    url, replicas = sqlite(folder), 1
                else:
                    server = server or stack.enter_context(postgres())
                    url, replicas = own.enter_context(created(server)), 2
                storm = asyncio.run(session(folder, url, seed, rounds, replicas))
            if storm.complaints:
                print(f"seed {seed}, {url}, logs in {folder}:", *storm.complaints, sep="\n- ")
                return 1
            shutil.rmtree(folder)
            done.update(storm.summary)
            slowest = max(slowest, storm.slowest_s)
            if args.state:
                args.state.write_text(json.dumps(done))
            took = time.monotonic() - began
            print(f"{done['kills']:,} of {args.rounds:,} rounds, {took:.0f} s", flush=True)
    counts = ", ".join(f"{count:,} {what}" for what, count in done.items())
    print(f"{counts}; all finished within {slowest:.1f} s of the last death: all right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
