"""`maxserve serve`: start the server."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from ..config import refuse_unprotected_address
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
    parser.add_argument(
        "--stop-with-stdin",
        action="store_true",
        help="stop when standard input ends, for programs that start a server of their own",
    )
    add_engine_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; returns the server's exit code."""
    config = load_config(args).config
    refuse_unprotected_address(config)
    if args.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    from ..server import run as serve

    return serve(config, announce=_say)


def _say(line: str) -> None:
    print(line, flush=True)


def _stop_with_stdin() -> None:
    # A parent that dies in whatever way closes its end of the pipe: no server is left behind. Read without Python's
    # buffer: its lock, held by this thread, would abort a server that stops for another reason.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
