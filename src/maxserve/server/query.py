"""Typed access to the query string of a request."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs

from ..chat import InvalidRequest
from .exchange import Scope

_digits = re.compile(r"[0-9]{1,10}").fullmatch


class Query:
    """The query of a request; raises `InvalidRequest`, which names the parameter."""

    def __init__(self, scope: Scope) -> None:
        self._values = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        values: list[str] = self._values.get(name, [default])
        if "\0" in values[-1]:
            raise InvalidRequest("must not hold a null character", param=name)  # no database takes one
        return values[-1]

    def choice(self, name: str, values: Sequence[str]) -> str | None:
        """Return one of `values`, None where it is not there."""
        if name not in self._values:
            return None
        value = self.text(name)
        if value not in values:
            raise InvalidRequest(f"must be one of {', '.join(values)}, not '{value}'", param=name)
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.text(name, str(default))
        if not _digits(value) or not low <= int(value) <= high:
            raise InvalidRequest(f"must be a whole number from {low} to {high}, not '{value}'", param=name)
        return int(value)

    def only(self, *names: str) -> None:
        """Raise `InvalidRequest` where there are others than these."""
        for name in self._values:
            if name not in names:
                raise InvalidRequest(f"is not known here; {', '.join(names)} are", param=name)

    def real(self, name: str) -> float | None:
        """Return a number, None where it is not there."""
        value = self.text(name)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InvalidRequest(f"must be a number, not '{value}'", param=name)
        return number

    def flag(self, name: str) -> bool | None:
        """Return true, false, or None where it is not there."""
        value = self.text(name)
        if value not in ("", "true", "false"):
            raise InvalidRequest(f"must be true or false, not '{value}'", param=name)
        return None if not value else value == "true"

    def time(self, name: str) -> float | None:
        """Return a date and time in ISO form as Unix seconds, None where there is none; UTC where no zone is named."""
        value = self.text(name)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise InvalidRequest(
                f"must be a date and time such as 2026-11-21T12:00:00Z, not '{value}'", param=name
            ) from None
