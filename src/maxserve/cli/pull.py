"""`maxserve models pull`: fetch real weights from a Hugging Face repository."""

from __future__ import annotations

import argparse
import sys
import textwrap

from ..engines import download, hub
from ..engines.checkpoints import CheckpointError, resolve
from ..engines.licences import REPOSITORIES, licence_of, model_of
from .failure import Failure
from .options import add_config_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the repository and what to take of it."""
    parser.add_argument(
        "name", metavar="NAME", help="org/repo or org/repo:QUANT of GGUF files; a model's name lists repositories"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quant", metavar="QUANT", help="the quantisation to take, such as UD-Q4_K_XL")
    which.add_argument("--file", metavar="FILE", help="the file to take; its other parts come with it")
    parser.add_argument("--revision", metavar="REV", help="a branch, tag or commit (default: main)")
    parser.add_argument("--yes", action="store_true", help="accept the licence without being asked")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Show the licence, ask, fetch, and say how to use what came."""
    parts = hub.split_name(args.name)
    if parts is None:
        raise Failure(_suggestions(args.name))
    org, repo, named = parts
    if named and (args.quant or args.file):
        raise Failure("Say what to take once: in NAME after the colon, with --quant, or with --file.")
    data_dir = load_config(args).config.data_dir
    try:
        plan = hub.plan(org, repo, named or args.quant or args.file, args.revision)
        _say(f"{org}/{repo} at {plan.commit[:12]}: {_count(plan)}, {hub.human(plan.size)}")
        _accept(plan, yes=args.yes)
        path = download.fetch(plan, data_dir, on_file=lambda file: _say(f"{file.path}  {hub.human(file.size)}"))
        checkpoint = resolve(str(path), data_dir)
    except (hub.HubError, CheckpointError) as error:
        raise Failure(str(error)) from error
    family = "m3" if checkpoint.header.architecture == "minimax-m3" else "m2"
    print(f"{path}")
    _say(f"Use it with:  maxserve serve --model {family}={plan.label}\nor in maxserve.toml:\n\n[engines.{family}]")
    _say(f'model = "{plan.label}"')
    return 0


def _accept(plan: hub.Plan, *, yes: bool) -> None:
    """Show the terms and have them accepted; raises `Failure` where they are not."""
    licence = licence_of(f"{plan.org}/{plan.repo}")
    if licence is not None:
        text = f"{licence.title}. {licence.summary} (Our summary; what counts is the licence at {licence.where}.)"
    else:
        said = f"says: {plan.licence}" if plan.licence else "does not say"
        text = f"Which licence these weights have, the hub {said}. Read the repository's page before you use them."
    _say(textwrap.fill(text, 100, initial_indent="Licence: ", subsequent_indent="  "))
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("Nobody can be asked here whether the licence is accepted; say so with --yes.")
    print("Do you accept it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Failure("Nothing was fetched.")


def _suggestions(name: str) -> str:
    """What to say when `name` is no repository: where GGUF files of that model are."""
    model = model_of(name) or model_of(f"minimax-{name}")
    known = REPOSITORIES.get(model or "", ())
    if known:
        rows = "\n".join(f"  maxserve models pull {repository}" for repository in known)
        return (
            f"Say which GGUF repository of {model} to pull; the embedded engine reads that format, and MiniMax "
            f"publishes none itself. Well-known ones:\n{rows}"
        )
    every = ", ".join(repository for known in REPOSITORIES.values() for repository in known[:1])
    return f"'{name}' is no repository of the form org/repo. Well-known GGUF repositories: {every}."


def _count(plan: hub.Plan) -> str:
    return "1 file" if len(plan.files) == 1 else f"{len(plan.files)} files"


def _say(text: str) -> None:
    # Results go to standard output, talk to standard error.
    print(text, file=sys.stderr, flush=True)
