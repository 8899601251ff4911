"""Flags that the actions of `maxserve tasks` share, and what they mean."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..access import key_id
from ..config import ConfigError
from .options import add_config_options

_AGO = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])").fullmatch
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_common(*parsers: argparse.ArgumentParser) -> None:
    """Add what every action takes. What is not given is not there: an action may stand before or after its flags."""
    for parser in parsers:
        add = parser.add_argument
        add(
            "--key",
            dest="owner",
            default=argparse.SUPPRESS,
            metavar="ID",
            help="of this key only: its id or sha256:HEX",
        )
        add("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        add_config_options(parser, default=argparse.SUPPRESS)


def add_state(parser: argparse.ArgumentParser, states: Sequence[str]) -> None:
    """Add the choice of a state."""
    parser.add_argument(
        "--state", choices=states, default=argparse.SUPPRESS, metavar="STATE", help=f"only {', '.join(states)}"
    )


def add_since(parser: argparse.ArgumentParser) -> None:
    """Add the earliest time."""
    parser.add_argument(
        "--since", default=argparse.SUPPRESS, metavar="WHEN", help="not older: 30m, 2h, 7d, or a date and time"
    )


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Add how many are listed."""
    parser.add_argument("--limit", type=_count, default=argparse.SUPPRESS, metavar="N", help="how many at most (20)")


def given(args: argparse.Namespace, name: str, default: Any = None) -> Any:
    """Return a flag's value, `default` where it was not given."""
    return getattr(args, name, default)


def key_of(args: argparse.Namespace) -> str | None:
    """Return the key's id as the database has it."""
    key: str | None = given(args, "owner")
    return None if key is None else key_id(key)


def since_of(args: argparse.Namespace) -> float | None:
    """Return the earliest time in Unix seconds; raises `ConfigError`."""
    text: str | None = given(args, "since")
    if text is None:
        return None
    if ago := _AGO(text):
        return time.time() - float(ago[1]) * _UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ConfigError(f"--since {text}: say how long ago (90s, 30m, 2h, 7d) or when (2026-11-21T12:00Z).") from None


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def say(text: str) -> None:
    """Say something that is no result."""
    print(text, file=sys.stderr)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 to 10000")
    return int(text)
