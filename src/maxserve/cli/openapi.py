"""`maxserve openapi`: print the OpenAPI document of the server that the configuration describes."""

from __future__ import annotations

import argparse
import sys

import msgspec

from .config import check
from .options import add_config_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the address that the document names."""
    parser.add_argument("--server", metavar="URL", default="/", help="the server's address; default /, wherever it is")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print the document."""
    # Here and not above: it takes all of the server's code, and other commands should not wait for it.
    from ..openapi import document, encoded
    from ..server.cloudflare import every_adapter
    from ..server.routes import generation_adapters

    loaded = load_config(args)
    config = loaded.config
    # Doors need a secret to sign with; nothing is signed here, so none is made or read.
    unsigned = msgspec.structs.replace(config, auth=msgspec.structs.replace(config.auth, signing_key="none"))
    adapters = every_adapter(check(loaded), generation_adapters(unsigned))
    sys.stdout.write(encoded(document(config, adapters, args.server)).decode())
    return 0
