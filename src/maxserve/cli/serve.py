"""`maxserve serve`: start the server."""

from __future__ import annotations

import argparse
import ipaddress

from ..config import Config, ConfigError
from .options import add_config_options, add_engine_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `serve`."""
    parser.description = "Start the server. Flags override the environment, which overrides the configuration file."
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (default 8080); 0 = any free one")
    parser.add_argument(
        "--key", action="append", default=[], help="a key that callers must show, or sha256:HEX of it; repeatable"
    )
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error (default info)")
    parser.add_argument("--access-log", action=argparse.BooleanOptionalAction, default=None, help="log every request")
    add_engine_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; returns the server's exit code."""
    config = load_config(args).config
    refuse_open_door(config)
    from ..server import run as serve

    return serve(config, announce=_say)


def refuse_open_door(config: Config) -> None:
    """Raise `ConfigError` where others could reach the server and no key keeps them out."""
    host = config.server.host
    if config.auth.keys or is_loopback(host):
        return
    raise ConfigError(
        f"Listening on {host} lets other machines in, and no key is set. Give one with --key, MAXSERVE_AUTH_KEYS or [auth] "
        "keys in maxserve.toml, or listen on 127.0.0.1."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`; a name other than localhost counts as reachable."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _say(line: str) -> None:
    print(line, flush=True)
