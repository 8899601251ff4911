"""Where the server's doors are: which paths lead to which API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..dialects.door import Door

_Door = TypeVar("_Door", bound=Door)


class Mounts:
    """The doors by path. Several paths may lead to one door; the shortest is the one to show."""

    def __init__(self, doors: Mapping[str, Door]) -> None:
        self._doors = doors

    def door(self, kind: type[_Door]) -> _Door:
        """Return the door of exactly this class; raises `LookupError` where there is none."""
        for door in self._doors.values():
            if type(door) is kind:
                return door
        raise LookupError(f"no path leads to {kind.__name__}")

    def paths(self, kind: type[Door], *, variable: bool = False) -> tuple[str, ...]:
        """Return the paths to the door of exactly this class, with a variable in them or without, shortest first."""
        found = [path for path, door in self._doors.items() if type(door) is kind and ("{" in path) is variable]
        return tuple(sorted(found, key=len))
