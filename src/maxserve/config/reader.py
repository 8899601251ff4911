"""The places settings are read from: a TOML file and the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..engines import EmbeddedSettings, OpenAIHttpSettings
from ..gateway.settings import GatewaySettings
from .kind import fields
from .settings import Config, KeySettings
from .sourced import ConfigError, Setting

PREFIX = "MAXSERVE_"
CLIENT_VARIABLES = frozenset(
    {"MAXSERVE_BENCH_KEY", "MAXSERVE_CONFIG", "MAXSERVE_KEY", "MAXSERVE_TASKS_KILL", "MAXSERVE_URL"}
)
"""Variables with our prefix that are no settings: which file is read, what `maxserve chat` and `bench` call, and where
a test ends the process."""

# Kubernetes gives every pod these about a service that is called maxserve.
_KUBERNETES = ("MAXSERVE_PORT", "MAXSERVE_SERVICE_")

ENGINE_KINDS: dict[str, type[EmbeddedSettings | OpenAIHttpSettings]] = {
    "embedded": EmbeddedSettings,
    "openai": OpenAIHttpSettings,
}
_NAMED_TABLES: dict[str, type[msgspec.Struct]] = {"gateways": GatewaySettings, "keys": KeySettings}
"""Tables whose names the user chooses, with the struct of each."""

ENGINE_FIELDS = sorted({"kind", *fields(EmbeddedSettings), *fields(OpenAIHttpSettings)}, key=len, reverse=True)


def read_file(path: Path) -> list[Setting]:
    """Read a TOML file; raises `ConfigError` where it cannot be read or is no TOML."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no valid TOML: {error}.") from error
    return _kinds_first(_leaves(document, (), str(path), path.parent))


def _kinds_first(settings: Iterable[Setting]) -> list[Setting]:
    # A new kind of engine resets what lower layers said of that engine, not what its own layer says.
    return sorted(settings, key=lambda setting: setting.path[-1] != "kind")


def _leaves(table: Mapping[str, Any], path: tuple[str, ...], source: str, base: Path) -> Iterator[Setting]:
    for key, value in table.items():
        if isinstance(value, dict) and (value or not path):
            yield from _leaves(value, (*path, key), source, base)
        else:
            yield Setting((*path, key), value, source, base=base)


def read_environment(environ: Mapping[str, str], engines: set[str], base: Path) -> list[Setting]:
    """Read `MAXSERVE_…` variables; an empty one counts as not set.

    `engines` are the names that lower layers define: they decide where a name ends and a key begins in
    `MAXSERVE_ENGINES_BIG_BOX_GPU_LAYERS`.
    """
    found = []
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in CLIENT_VARIABLES or not value or name.startswith(_KUBERNETES):
            continue
        found.append(Setting(_path(name.removeprefix(PREFIX).lower(), engines), value, name, lax=True, base=base))
    return _kinds_first(found)


def _path(name: str, engines: set[str]) -> tuple[str, ...]:
    section, _, rest = name.partition("_")
    if section == "engines" and rest:
        return ("engines", *_engine_path(rest, engines))
    if section in _NAMED_TABLES and rest:
        return (section, *_named_path(rest, _NAMED_TABLES[section]))
    if name in fields(Config) or section not in fields(Config) or not rest:
        return (name,)
    return (section, rest)


def _named_path(rest: str, table: type[msgspec.Struct]) -> tuple[str, ...]:
    for key in sorted(fields(table), key=len, reverse=True):
        if rest.endswith("_" + key):
            return (rest.removesuffix("_" + key), key)
    return (rest,)


def _engine_path(rest: str, engines: set[str]) -> tuple[str, ...]:
    for engine in sorted(engines, key=len, reverse=True):
        spelled = engine.lower().replace("-", "_")
        if rest == spelled:
            return (engine,)
        if rest.startswith(spelled + "_"):
            return (engine, rest[len(spelled) + 1 :])
    for field in ENGINE_FIELDS:
        if rest.endswith("_" + field):
            return (rest[: -len(field) - 1], field)
    name, _, field = rest.partition("_")
    return (name, field) if field else (name,)
