"""Finds the weights that an engine's `model` setting names, and refuses the wrong ones before anything loads them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from ..chat import EngineUnavailable
from .gguf import BadGGUF, Header, read, shards, stem

DEMOS = ("demo-m2", "demo-m3")

ARCHITECTURES = {"minimax-m2": "m2", "minimax-m3": "m3"}

SIGMOID = 2
"""`expert_gating_func` of MiniMax's routers, as GGUF numbers it."""

_REPOSITORY = re.compile(r"^(?P<org>[A-Za-z0-9][\w.-]*)/(?P<repo>[A-Za-z0-9][\w.-]*)(:(?P<which>.+))?$")

_log = logging.getLogger("maxserve.checkpoints")


class CheckpointError(EngineUnavailable):
    """The weights are missing or cannot be used; the message says what to do."""


class Checkpoint(msgspec.Struct, frozen=True):
    """Weights on disk. `path` is the file to load (the first part of several); `name` is what callers are shown."""

    path: Path
    name: str
    demo: bool
    header: Header


def resolve(model: str, data_dir: Path) -> Checkpoint:
    """Return the checkpoint that `model` means, its header read and checked.

    `model` is a demo's name, a path, or `org/repo[:quantisation|:file.gguf]` pulled before. Raises `CheckpointError`.
    """
    if model in DEMOS:
        path, demo = _demo(model), True
    else:
        path, demo = _find(model, data_dir), False
    try:
        parts = shards(path)
        header = read(parts[0])
        for part in parts[1:]:
            read(part)
    except BadGGUF as error:
        raise CheckpointError(str(error)) from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}.") from error
    _check(header)
    return Checkpoint(parts[0], model if demo else stem(path), demo, header)


def folder(data_dir: Path, org: str, repo: str) -> Path:
    """Where `maxserve models pull org/repo` puts its files."""
    return data_dir / "models" / org / repo


def _demo(model: str) -> Path:
    resource = files("maxserve") / "checkpoints" / f"{model}.gguf"
    with as_file(resource) as path:  # the package is always installed unpacked: xllamacpp cannot live in an archive
        if not path.is_file():
            raise CheckpointError(f"The package does not hold {model}.gguf; install maxserve from its wheel.")
        return path


def _find(model: str, data_dir: Path) -> Path:
    path = Path(model).expanduser()
    if path.is_file():
        return path
    if path.is_dir():
        return _choose(sorted(path.glob("*.gguf")), None, str(path), model)
    found = _REPOSITORY.match(model)
    if found is None or (model.endswith(".gguf") and ":" not in model):
        raise CheckpointError(f"There is no file '{model}'.")
    org, repo, which = found["org"], found["repo"], found["which"]
    pulled = folder(data_dir, org, repo)
    wanted = f"{org}/{repo}" + (f" --file {which}" if which and which.endswith(".gguf") else "")
    wanted += f" --quant {which}" if which and not which.endswith(".gguf") else ""
    pull = f"Get it with: maxserve models pull {wanted}"
    if not pulled.is_dir():
        raise CheckpointError(f"'{model}' is not on this machine. {pull}")
    return _choose(sorted(pulled.rglob("*.gguf")), which, str(pulled), model, pull)


def _choose(paths: list[Path], which: str | None, place: str, model: str, hint: str = "") -> Path:
    """Return the one checkpoint among `paths` that `which` (a quantisation or file name) means."""
    firsts = list(_first_parts(paths))
    if which is not None:
        named = pick((path.name for path in firsts), which)
        firsts = [path for path in firsts if path.name in named]
    if not firsts:
        missing = f"'{which}'" if which else "GGUF file"
        raise CheckpointError(f"There is no {missing} in {place}. {hint}".rstrip())
    if len(firsts) > 1:
        names = ", ".join(stem(path) for path in firsts)
        base = model.partition(":")[0]
        raise CheckpointError(f"'{model}' could be any of {names}; name one as '{base}:NAME'.")
    return firsts[0]


def pick(names: Iterable[str], which: str) -> list[str]:
    """Return those of the file names that `which` means: a file, its name without ending, or the quantisation in it.

    "Q4_K_M" means `Model-Q4_K_M.gguf`; `Model-UD-Q4_K_M.gguf` only where the other is not there.
    """
    wanted = stem(Path(which)).lower() if which.lower().endswith(".gguf") else which.lower()
    bases = {name: stem(Path(name)).lower() for name in names}
    exact = [name for name, base in bases.items() if base == wanted]
    if exact or which.lower().endswith(".gguf"):
        return exact
    ends = [name for name, base in bases.items() if base.endswith((f"-{wanted}", f".{wanted}"))]
    plain = [name for name in ends if not bases[name].endswith(f"-ud-{wanted}")]
    return plain or ends


def _first_parts(paths: Iterable[Path]) -> Iterable[Path]:
    seen = set()
    for path in paths:
        if path.name.startswith("mmproj"):
            continue
        key = path.with_name(stem(path))
        if key not in seen:
            seen.add(key)
            yield path


def _check(header: Header) -> None:
    architecture = header.architecture
    if not architecture:
        raise CheckpointError(f"{header.path} does not say its architecture; it is not a language model's file.")
    if architecture not in ARCHITECTURES:
        _log.warning(
            "%s has the architecture '%s', not MiniMax's; it is served in MiniMax's wire format all the same.",
            header.path.name,
            architecture,
        )
        return
    gating = header.get("expert_gating_func")
    if gating is None:
        raise CheckpointError(
            f"{header.path} does not name its experts' gating function ({architecture}.expert_gating_func); "
            "llama.cpp would abort at the first token. Convert the weights with a newer converter."
        )
    if gating != SIGMOID:
        _log.warning(
            "%s has the experts' gating function %s; MiniMax's is %s (sigmoid).", header.path.name, gating, SIGMOID
        )
    if architecture == "minimax-m3" and not header.sparse:
        _log.warning("%s has no block-sparse indexer: M3 runs with dense attention.", header.path.name)
