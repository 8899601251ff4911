"""`maxserve doctor`: check this machine and say what to mend."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

import msgspec

from ..config import ConfigError
from . import checkup
from .checkup import Check
from .config import check as check_config
from .options import add_config_options, add_engine_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `doctor`."""
    parser.description = "Check what `maxserve serve` needs, ask every engine one question, and say what to mend."
    parser.add_argument("--host", help="address to check (default: the configuration's)")
    parser.add_argument("--port", help="port to check (default: the configuration's)")
    parser.add_argument("--quick", action="store_true", help="start no engine")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_engine_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print the findings; returns 1 where something must be mended."""
    logging.getLogger("maxserve").setLevel(logging.CRITICAL)  # what engines log is found here anyway
    checks = asyncio.run(_examine(args))
    ill = [check for check in checks if not check.ok]
    if args.json:
        document = {"ok": not ill, "checks": checks}
        print(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    else:
        print(f"{len(ill)} to mend." if ill else "All is well.")
    return 1 if ill else 0


async def _examine(args: argparse.Namespace) -> list[Check]:
    checks: list[Check] = []

    def found(check: Check) -> None:
        checks.append(check)
        if not args.json:
            _print(check)

    for check in checkup.machine():
        found(check)
    try:
        loaded = load_config(args)
        catalogue = check_config(loaded)
    except ConfigError as error:
        for problem in error.problems:
            found(Check("configuration", False, problem, "docs/configuration.md lists what can be set."))
        return checks
    for check in checkup.place(loaded):
        found(check)
    if not args.quick:
        async for check in checkup.engines(loaded.config, catalogue):
            found(check)
    return checks


def _print(check: Check) -> None:
    print(f"{'ok  ' if check.ok else 'MEND'}  {check.name}: {check.finding}")
    if check.advice:
        print(f"      {check.advice}")
    sys.stdout.flush()
