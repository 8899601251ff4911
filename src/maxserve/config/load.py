"""Defaults, file, environment and flags made into one checked configuration that knows its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from .merge import DEFAULT, Merge
from .paths import config_file, default_data_dir
from .reader import read_environment, read_file
from .settings import Config, default_engines
from .sourced import Setting


class Loaded(msgspec.Struct, frozen=True):
    """A configuration, where each of its values comes from (dotted key → source), and the file that was read."""

    config: Config
    sources: dict[str, str]
    file: Path | None


def load(
    flags: Sequence[Setting] = (),
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    file: Path | None = None,
) -> Loaded:
    """Read everything, the later over the earlier: defaults, file, environment, flags.

    `file` is what `--config` named. Nothing is read but that file (or the one found, see `place`). Raises
    `ConfigError` with every problem at once.
    """
    environ = {} if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    path = config_file(file, environ, cwd)
    found = _defaults()
    if path is not None:
        found += read_file(path)
    engines = {setting.path[1] for setting in found if setting.path[0] == "engines" and len(setting.path) > 1}
    found += read_environment(environ, engines, cwd)
    found += flags
    config, sources = Merge(found).result()
    return Loaded(config, sources, path)


def _defaults() -> list[Setting]:
    settings = [Setting(("data_dir",), default_data_dir(), DEFAULT)]
    for name, engine in default_engines().items():
        settings += [Setting(("engines", name, key), value, DEFAULT) for key, value in _own_values(engine)]
    return settings


def _own_values(engine: msgspec.Struct) -> Iterable[tuple[str, Any]]:
    yield "kind", engine.__struct_config__.tag
    for field in msgspec.structs.fields(engine):
        value = getattr(engine, field.name)
        if field.default is msgspec.NODEFAULT or value != field.default:
            yield field.name, value
