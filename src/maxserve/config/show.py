"""A configuration written out again, each value with its source; secrets stay hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from .flat import flatten, is_secret
from .load import Loaded

HIDDEN = "********"


def to_toml(loaded: Loaded) -> str:
    """Return the configuration as TOML; reading it again gives the same one, but for the hidden secrets."""
    lines: list[str] = []
    table = ""
    for key, value in flatten(loaded.config).items():
        above, _, name = key.rpartition(".")
        if above != table:
            lines += ["", f"[{above}]"]
            table = above
        source = loaded.sources[key]
        if value is None:
            lines.append(f"# {name} is not set")
        else:
            lines.append(f"{name} = {_literal(_shown(key, value))}  # from {source}")
    return "\n".join(lines) + "\n"


def to_json(loaded: Loaded) -> str:
    """Return the configuration as JSON: the file that was read, and per dotted key the value and its source."""
    values = {
        key: {"value": _plain(_shown(key, value)), "source": loaded.sources[key]}
        for key, value in flatten(loaded.config).items()
    }
    document = {"file": None if loaded.file is None else str(loaded.file), "values": values}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _shown(key: str, value: Any) -> Any:
    if not is_secret(key) or not value:
        return value
    return tuple(HIDDEN for _ in value) if isinstance(value, tuple) else HIDDEN


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else msgspec.to_builtins(value)


def _literal(value: Any) -> str:
    # A JSON string is a TOML basic string, too, as long as everything beyond ASCII is escaped or printable.
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_literal(key)} = {_literal(item)}" for key, item in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
