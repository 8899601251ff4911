"""One setting as it was found somewhere: a path of keys, a raw value, and where it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


class ConfigError(Exception):
    """The configuration cannot be used; `problems` are full sentences, one for each thing to mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Setting(msgspec.Struct, frozen=True):
    """A raw value and its source ("maxserve.toml", "MAXSERVE_SERVER_PORT", "--port").

    `path` is ("server", "port"); a `*` stands for every engine. `lax` values come from a place that knows only text, so
    "8080" may mean a number. Relative paths count from `base`.
    """

    path: tuple[str, ...]
    value: Any
    source: str
    lax: bool = False
    base: Path | None = None

    @property
    def key(self) -> str:
        """The dotted name, as users write it."""
        return ".".join(self.path)
