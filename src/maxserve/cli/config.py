"""`maxserve config`: show or check the configuration."""

from __future__ import annotations

import argparse

from ..catalogue import Catalogue
from ..config import ConfigError, Loaded, refuse_unknown_endpoints, refuse_unprotected_address, to_json, to_toml
from .options import add_config_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `show` and `check`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="print every value as TOML, with its source; secrets are hidden")
    show.add_argument("--json", action="store_true", help="print JSON")
    check = actions.add_parser("check", help="say whether `maxserve serve` would accept the configuration")
    for action in (show, check):
        add_config_options(action)


def run(args: argparse.Namespace) -> int:
    """Print the configuration, or that it is right; raises `ConfigError` where it is not."""
    loaded = load_config(args)
    if args.action == "check":
        check(loaded)
        print(f"The configuration is right ({loaded.file or 'no file; defaults, environment and flags'}).")
    else:
        print(to_json(loaded) if args.json else to_toml(loaded), end="\n" if args.json else "")
    return 0


def check(loaded: Loaded) -> Catalogue:
    """Check what only shows across tables: the open door, the catalogue's file, bound paths; returns the catalogue."""
    refuse_unprotected_address(loaded.config)
    try:
        catalogue = Catalogue.load(loaded.config.catalogue.file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"The catalogue cannot be read: {error}") from error
    refuse_unknown_endpoints(loaded.config, catalogue)
    return catalogue
