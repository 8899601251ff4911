"""Where the server's doors are: which paths lead to which API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from ..apis.adapter import ApiAdapter

_Door = TypeVar("_Door", bound=ApiAdapter)


class Mounts:
    """The doors by path. Several paths may lead to one door; the shortest is the one to show."""

    def __init__(self, adapters: Mapping[str, ApiAdapter]) -> None:
        self._adapters = adapters

    def adapter(self, kind: type[_Door]) -> _Door:
        """Return the door of exactly this class; raises `LookupError` where there is none."""
        for adapter in self._adapters.values():
            if type(adapter) is kind:
                return adapter
        raise LookupError(f"no path leads to {kind.__name__}")

    def paths(self, kind: type[ApiAdapter], *, variable: bool | None = False) -> tuple[str, ...]:
        """Return the paths to the door of exactly this class, with a variable in them or without, shortest first.

        `variable` None = both.
        """
        found = [path for path, adapter in self._adapters.items() if type(adapter) is kind]
        return tuple(sorted((path for path in found if variable in (None, "{" in path)), key=len))

    def groups(self, kind: type[_Door]) -> list[tuple[_Door, tuple[str, ...]]]:
        """Return every door of exactly this class with its paths, shortest first."""
        found: dict[int, tuple[_Door, list[str]]] = {}
        for path, adapter in self._adapters.items():
            if type(adapter) is kind:
                found.setdefault(id(adapter), (adapter, []))[1].append(path)
        return [(adapter, tuple(sorted(paths, key=len))) for adapter, paths in found.values()]


def plain(path: str) -> str:
    """Return a route's path as OpenAPI has it: without the convertors of its variables."""
    return re.sub(r":\w+\}", "}", path)
