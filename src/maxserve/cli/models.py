"""`maxserve models`: list the models, or pull real weights."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from ..catalogue import Model, Price
from ..config import Config
from ..engines import EmbeddedSettings
from .config import check
from .options import add_config_options, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the list's flags and `pull`."""
    from . import pull

    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="list the models (also without ACTION)")
    for own in (parser, listing):
        own.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    add_config_options(parser)
    own = actions.add_parser("pull", help="fetch real weights from a Hugging Face repository")
    pull.add_arguments(own)


def run(args: argparse.Namespace) -> int:
    """Print the models with what answers for them, or pull."""
    if args.action == "pull":
        from . import pull

        return pull.run(args)
    loaded = load_config(args)
    rows = [describe(model, loaded.config) for model in check(loaded).models]
    if getattr(args, "json", False):
        print(msgspec.json.format(msgspec.json.encode({"models": rows}), indent=2).decode())
    else:
        print_table(rows)
    return 0


def describe(model: Model, config: Config) -> dict[str, Any]:
    """Return what is known of a model before any engine runs."""
    settings = config.engines.get(model.engine)
    demo = isinstance(settings, EmbeddedSettings) and settings.model.startswith("demo-")
    return {
        "name": model.name,
        "aliases": list(model.aliases),
        "family": model.family,
        "engine": model.engine,
        "checkpoint": None if settings is None else settings.model,
        "demo": demo,
        "context": model.context,
        "max_output": model.max_output,
        "price": msgspec.to_builtins(model.price),
        "licence": model.licence,
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the rows for people: one line per model, its other names below."""
    wide = max(len(row["name"]) for row in rows)
    served = max(len(row["checkpoint"] or "-") for row in rows)
    print(f"{'model':{wide}}  {'engine':6}  {'checkpoint':{served}}  {'context':>9}  {'output':>7}  $/M in/out")
    for row in rows:
        price = Price(**row["price"])
        print(
            f"{row['name']:{wide}}  {row['engine']:6}  {row['checkpoint'] or '-':{served}}  {row['context']:>9,}  "
            f"{row['max_output']:>7,}  {price.input:.2f}/{price.output:.2f}"
        )
        if row["aliases"]:
            print(f"{'':{wide}}    also {', '.join(row['aliases'])}")
    if any(row["demo"] for row in rows):
        print("\nWhere the checkpoint is called demo-…, small weights answer that ship with maxserve, not MiniMax's.")
        print("Point an engine at real weights with --model or maxserve.toml.")
    if any(row["checkpoint"] is None for row in rows):
        print("\nA model without a checkpoint has no engine in this configuration: asking for it is an error.")
