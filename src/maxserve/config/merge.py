"""Settings laid over each other, and what remains on top checked against the schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..access import digest_of
from ..webhooks.signature import decode_secrets
from .flat import flatten, is_secret
from .kind import allowed, convert, fields, is_mapping, rebase, table_in
from .reader import ENGINE_KINDS
from .replaced import replacement
from .settings import Config
from .sourced import ConfigError, Setting

DEFAULT = "default"
_ENGINE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_OFF = {"off", "no", "false", "0"}


class Merge:
    """Lays settings over each other, in their order, and checks what remains on top."""

    def __init__(self, found: Iterable[Setting]) -> None:
        self.problems: list[str] = []
        self.sources: dict[str, str] = {}
        self.plain: dict[tuple[str, ...], Setting] = {}
        self.engines: dict[str, dict[str, Setting]] = {}
        for setting in found:
            if setting.path[0] == "engines":
                self._lay_engine(setting)
            else:
                self.plain[setting.path] = setting

    def result(self) -> tuple[Config, dict[str, str]]:
        """Check everything and build; raises `ConfigError`."""
        values: dict[str, Any] = {}
        for path, setting in self.plain.items():
            self._take_plain(values, path, setting)
        values["engines"] = {name: self._engine(name, table) for name, table in self.engines.items()}
        if not self.engines:
            self.problems.append("No engine is left: every one was switched off.")
        if self.problems:
            raise ConfigError(*self.problems)
        config = Config(**{key: self._struct(key, value) for key, value in values.items()})
        self._check_keys(config)
        self._check_masking(config)
        self._check_sensitivity(config)
        self._check_webhooks(config)
        self._fill_sources(config)
        return config, self.sources

    def _lay_engine(self, setting: Setting) -> None:
        match setting.path[1:]:
            case (name,) if str(setting.value).lower() in _OFF:
                self.engines.pop(name, None)
            case (name,) if setting.value == {}:
                if name not in self.engines:
                    self.problems.append(f"{setting.source}: [{setting.key}] is empty, and an engine needs a model.")
            case ("*", key):
                for table in self.engines.values():
                    table[key] = setting
            case (name, "kind"):
                table = self.engines.setdefault(name, {})
                if "kind" in table and table["kind"].value != setting.value:
                    # Another kind of engine: nothing that was said of the old one holds for it. (Each reader gives
                    # the kind first.)
                    table.clear()
                table["kind"] = setting
            case (name, key):
                self.engines.setdefault(name, {})[key] = setting
            case _:
                self.problems.append(
                    f"{setting.source}: {setting.key} must be a table such as [engines.m2], or false to switch one off."
                )

    def _take_plain(self, values: dict[str, Any], path: tuple[str, ...], setting: Setting) -> None:
        if (problem := replacement(setting)) is not None:
            if problem not in self.problems:
                self.problems.append(problem)
            return
        known: Any = Config
        for depth, key in enumerate(path):
            names = fields(known) if _is_table(known) else {}
            if key not in names:
                self.problems.append(_unknown(setting, key, names, path[:depth]))
                return
            known = names[key]
            if (table := table_in(known)) is not None:
                self._take_named(values, path, depth + 1, setting, table)
                return
            if is_mapping(known):
                self._take_mapping(values, path, depth + 1, setting, known)
                return
        if _is_table(known):
            if setting.value != {}:
                self.problems.append(f"{setting.source}: {setting.key} must be a table, [{setting.key}].")
            return
        value = self._value(setting, known)
        for key in path[:-1]:
            values = values.setdefault(key, {})
        values[path[-1]] = value

    def _take_named(
        self, values: dict[str, Any], path: tuple[str, ...], depth: int, setting: Setting, table: type[msgspec.Struct]
    ) -> None:
        """Take one key of a table that the user named: `gateways.NAME.cache_ttl_s`."""
        tables = values.setdefault(path[0], {})
        if len(path) == depth + 1 and setting.value == {}:
            tables.setdefault(path[depth], {})
            self.sources[setting.key] = setting.source
        elif len(path) < depth + 2:
            self.problems.append(f"{setting.source}: {setting.key} must be a table, [{'.'.join(path[:depth])}.NAME].")
        elif path[depth + 1] not in (names := fields(table)):
            self.problems.append(_unknown(setting, path[depth + 1], names, path[: depth + 1]))
        elif len(path) > depth + 2:
            deep = f"{setting.key} goes too deep: nothing stands under {path[depth + 1]}"
            self.problems.append(f"{setting.source}: {deep}.")
        else:
            value = self._value(setting, names[path[depth + 1]])
            tables.setdefault(path[depth], {})[path[depth + 1]] = value

    def _take_mapping(
        self, values: dict[str, Any], path: tuple[str, ...], depth: int, setting: Setting, kind: Any
    ) -> None:
        """Lay a table whose names the user chooses over what came before, name by name."""
        if len(path) > depth:  # from a file: one name of the table
            value = {".".join(path[depth:]): setting.value}
            setting = msgspec.structs.replace(setting, path=path[:depth], value=value)
        entries = self._value(setting, kind)
        for key in path[: depth - 1]:
            values = values.setdefault(key, {})
        values[path[depth - 1]] = {**values.get(path[depth - 1], {}), **(entries or {})}

    def _engine(self, name: str, table: dict[str, Setting]) -> Any:
        any_source = next(iter(table.values())).source
        if not _ENGINE_NAME.match(name):
            self.problems.append(f"{any_source}: '{name}' is no name for an engine: use a-z, 0-9, - and _.")
        kind = table["kind"].value if "kind" in table else "embedded"
        struct = ENGINE_KINDS.get(kind) if isinstance(kind, str) else None
        if struct is None:
            self.problems.append(
                f"{table['kind'].source}: engines.{name}.kind must be one of {', '.join(ENGINE_KINDS)}, not {kind!r}."
            )
            return None
        names = fields(struct)
        values = {}
        for key, setting in table.items():
            if key == "kind":
                continue
            if key in names:
                values[key] = self._value(msgspec.structs.replace(setting, path=("engines", name, key)), names[key])
            elif setting.path[1] != "*":  # a setting for every engine means those that know it
                self.problems.append(_unknown(setting, key, {"kind": str, **names}, ("engines", name)))
        missing = [
            field.name
            for field in msgspec.structs.fields(struct)
            if field.default is msgspec.NODEFAULT and field.name not in table
        ]
        for key in missing:
            self.problems.append(f"{any_source}: engines.{name} is of kind {kind} and needs {key}.")
        if isinstance(values.get("model"), str) and values["model"].startswith(("./", "../", "~")):
            values["model"] = str(rebase(Path(values["model"]), table["model"].base))
        self.sources[f"engines.{name}.kind"] = table["kind"].source if "kind" in table else DEFAULT
        return None if missing else struct(**values) if not self.problems else None

    def _value(self, setting: Setting, kind: Any) -> Any:
        self.sources[setting.key] = setting.source
        try:
            return convert(setting, kind)
        except (msgspec.ValidationError, ValueError):
            shown = "another value" if is_secret(setting.key) else repr(setting.value)
            self.problems.append(f"{setting.source}: {setting.key} must be {allowed(kind)}, not {shown}.")
            return None

    def _struct(self, key: str, value: Any) -> Any:
        kind = fields(Config)[key]
        if (table := table_in(kind)) is not None:
            named = {name: table(**entry) for name, entry in value.items()}
            return {"default": table(), **named} if key == "gateways" else named
        return kind(**value) if _is_table(kind) else value

    def _check_keys(self, config: Config) -> None:
        for key in config.auth.keys:
            try:
                digest_of(key)
            except ValueError as error:
                raise ConfigError(f"{self.sources['auth.keys']}: each of auth.keys must be a key: {error}.") from error
        names: dict[str, str] = {}
        for name, settings in config.keys.items():
            source = self._source_of(f"keys.{name}")
            try:
                digest = settings.key(name).digest
            except ValueError as error:
                raise ConfigError(f"{source}: [keys.{name}]: {error}.") from error
            if digest in names:
                raise ConfigError(f"{source}: [keys.{name}] and [keys.{names[digest]}] are the same key.")
            names[digest] = name

    def _source_of(self, table: str) -> str:
        """Return where a table and its keys stand."""
        found = {source for key, source in self.sources.items() if key == table or key.startswith(table + ".")}
        return " and ".join(sorted(found)) or DEFAULT

    def _check_masking(self, config: Config) -> None:
        try:
            config.masking.policy()
        except ValueError as error:
            raise ConfigError(f"{self._source_of('masking')}: [masking]: {error}") from error

    def _check_sensitivity(self, config: Config) -> None:
        try:
            config.sensitivity.policy()
        except ValueError as error:
            raise ConfigError(f"{self._source_of('sensitivity')}: [sensitivity]: {error}") from error

    def _check_webhooks(self, config: Config) -> None:
        try:
            decode_secrets(config.webhooks.secrets)
        except ValueError as error:
            raise ConfigError(f"{self.sources['webhooks.secrets']}: webhooks.secrets: {error}.") from error

    def _fill_sources(self, config: Config) -> None:
        for key in flatten(config):
            self.sources.setdefault(key, DEFAULT)


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _unknown(setting: Setting, key: str, names: Mapping[str, Any], table: tuple[str, ...]) -> str:
    where = f"[{'.'.join(table)}]" if table else "the top level"
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    known = ", ".join(sorted(names)) or "nothing"
    return f"{setting.source}: {where} has no key {key!r}.{hint} It knows {known}."
