"""The entry: finds the command, imports only its module, and turns errors into sentences and exit codes.

Exit codes: 0 done, 1 the work failed, 2 the call or the configuration is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn

from .. import __version__


class Command(NamedTuple):
    """A command's module in this package, and what `maxserve --help` says of it."""

    module: str
    help: str


COMMANDS = {
    "serve": Command("serve", "start the server"),
    "chat": Command("chat", "talk to a model in the terminal, with or without a server"),
    "models": Command("models", "list the models, or pull real weights"),
    "config": Command("config", "show or check the configuration and where each value comes from"),
    "doctor": Command("doctor", "check this machine and say what to mend"),
    "tasks": Command("tasks", "list, show, cancel and retry accepted tasks, and what was sent to webhooks"),
    "render": Command("render", "print the prompt that a request becomes"),
    "parse": Command("parse", "print the events that raw model output becomes"),
    "mask": Command("mask", "mask sensitive information in text, as it passes through a pipe"),
    "openapi": Command("openapi", "print the OpenAPI document of the server"),
    "bench": Command("bench", "measure speed"),
}

DESCRIPTION = "Run MiniMax M2.7 and M3 behind the APIs that people already call."
EPILOG = "Start with:  maxserve serve      then, in another terminal:  maxserve chat"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def build_parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; only the chosen command has its arguments, so only its module is imported."""
    parser = _Parser(prog="maxserve", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"maxserve {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.help, description=f"{command.help[0].upper()}{command.help[1:]}.")
        if name == chosen:
            module = import_module(f".{command.module}", __package__)
            module.add_arguments(own)
            own.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = build_parser(chosen)
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return 0
    try:
        code = int(args.run(args))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough (`maxserve models | head`); Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not _explained(error):
            raise
        for line in str(error).splitlines():
            print(f"maxserve: {line}", file=sys.stderr)
        return 2 if type(error).__name__ == "ConfigError" else 1
    return code


def _explained(error: Exception) -> bool:
    # Errors whose text was written for the user; anything else is a fault of ours and keeps its traceback.
    from ..chat import Error
    from ..config import ConfigError
    from .failure import Failure

    return isinstance(error, (Error, ConfigError, Failure))
