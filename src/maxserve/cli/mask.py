"""`maxserve mask`: mask sensitive information in text that passes through a pipe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ..config import ConfigError
from ..config.settings import MaskingSettings
from ..masking import Policy
from .options import load_config
from .parse import pieces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is masked and what stands in its place; what is not said is as configured."""
    parser.add_argument("--labels", action="store_true", help="put labels such as [EMAIL] in place of secrets, not ***")
    parser.add_argument(
        "--detector", action="append", default=[], metavar="NAME", help="look for this kind only; repeatable"
    )
    parser.add_argument(
        "--name", action="append", default=[], metavar="NAME", help="also mask this name, in any case; repeatable"
    )
    parser.add_argument(
        "--pattern",
        action="append",
        default=[],
        metavar="LABEL=PATTERN",
        help="also mask what matches this pattern; repeatable",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="read FILE (default: $MAXSERVE_CONFIG, ./maxserve.toml, or the user's)",
    )


def run(args: argparse.Namespace) -> int:
    """Copy standard input to standard output, masked, each piece as soon as it is certain."""
    policy = policy_of(args, load_config(args).config.masking)
    for text in masked(policy, pieces(sys.stdin.buffer)):
        sys.stdout.write(text)
        sys.stdout.flush()
    return 0


def policy_of(args: argparse.Namespace, settings: MaskingSettings) -> Policy:
    """Return the configured policy with the flags on top; raises `ConfigError` where one of them will not do."""
    wished = msgspec.structs.replace(
        settings,
        style="labels" if args.labels else settings.style,
        detectors=tuple(args.detector) or settings.detectors,
        names=(*settings.names, *args.name),
        patterns=(*settings.patterns, *args.pattern),
    )
    try:
        return wished.policy()
    except ValueError as error:
        raise ConfigError(str(error)) from error


def masked(policy: Policy, texts: Iterable[str]) -> Iterator[str]:
    """Yield what is certain after each piece, then the rest."""
    mask = policy.text()
    for text in texts:
        if passed := mask.feed(text):
            yield passed
    yield mask.finish()
