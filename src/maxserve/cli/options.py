"""The flags that stand for configuration, shared by the commands that load it."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from ..config import ConfigError, Loaded, Setting, load

# Where the family shows in the name of a file or repository: MiniMax-M2.7-Q4_K_M.gguf, org/MiniMax-M3-GGUF, demo-m2.
_FAMILY = re.compile(r"(?<![a-z0-9])(m[23])(?![a-z0-9])", re.IGNORECASE)

PLAIN = {
    "host": "server.host",
    "port": "server.port",
    "log_level": "server.log_level",
    "access_log": "server.access_log",
    "data_dir": "data_dir",
    "catalogue": "catalogue.file",
    "parallel": "engines.*.parallel",
    "context": "engines.*.context",
    "threads": "engines.*.threads",
    "gpu_layers": "engines.*.gpu_layers",
}


def add_config_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Add what says where configuration is read and data is kept.

    `default` is `argparse.SUPPRESS` where a command and its action both take them: one must not undo the other's.
    """
    group = parser.add_argument_group("configuration")
    group.add_argument(
        "--config",
        type=Path,
        default=default,
        metavar="FILE",
        help="read FILE (default: $MAXSERVE_CONFIG, ./maxserve.toml, or the user's)",
    )
    group.add_argument("--data-dir", default=default, metavar="DIR", help="where pulled weights and histories are kept")
    group.add_argument(
        "--catalogue", default=default, metavar="FILE", help="more models, or others under a shipped name"
    )


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which weights are loaded, and how."""
    group = parser.add_argument_group("engines")
    group.add_argument(
        "--model",
        dest="weights",
        action="append",
        default=[],
        metavar="[NAME=]MODEL",
        help="load MODEL: a GGUF file, a pulled repository (org/repo[:quantisation]), demo-m2 or demo-m3; NAME is the "
        "engine, m2 or m3, and may be left out where MODEL's own name shows it; repeatable",
    )
    group.add_argument(
        "--without", action="append", default=[], metavar="NAME", help="do not start engine NAME; repeatable"
    )
    group.add_argument("--parallel", metavar="N", help="requests decoded together by each engine")
    group.add_argument("--context", metavar="TOKENS", help="context of each request")
    group.add_argument(
        "--threads",
        metavar="N",
        help="processor threads of each engine; 0 = one per core, one for the demo checkpoints",
    )
    group.add_argument("--gpu-layers", metavar="N", help="layers on the GPU; -1 = as many as fit")


def load_config(args: argparse.Namespace) -> Loaded:
    """Load the configuration with the flags in `args` on top; raises `ConfigError`."""
    return load(settings(args), os.environ, Path.cwd(), file=getattr(args, "config", None))


def settings(args: argparse.Namespace) -> list[Setting]:
    """Return the flags that were given as settings."""
    here = Path.cwd()
    found = [Setting(("engines", name), "off", f"--without {name}") for name in getattr(args, "without", [])]
    for wish in getattr(args, "weights", []):
        engine, model = split_model(wish)
        found += [
            Setting(("engines", engine, "kind"), "embedded", f"--model {wish}"),
            Setting(("engines", engine, "model"), model, f"--model {wish}", base=here),
        ]
    for name, key in PLAIN.items():
        value = getattr(args, name, None)
        if value is not None:
            flag = "--" + name.replace("_", "-")
            found.append(Setting(tuple(key.split(".")), value, flag, lax=True, base=here))
    keys = getattr(args, "key", [])
    if keys:
        found.append(Setting(("auth", "keys"), keys, "--key"))
    return found


def split_model(wish: str) -> tuple[str, str]:
    """Split `[NAME=]MODEL` into engine and model; raises `ConfigError` where no engine is named or shown."""
    name, equals, model = wish.partition("=")
    if equals and re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        return name, model
    shown = {family.lower() for family in _FAMILY.findall(Path(wish).name) or _FAMILY.findall(wish)}
    if len(shown) != 1:
        raise ConfigError(f"--model {wish}: say which engine loads it, as --model m2={wish} or --model m3={wish}.")
    return shown.pop(), wish
