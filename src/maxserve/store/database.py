"""The interface of both databases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Database(ABC):
    """Runs functions of a connection off the event loop.

    A function given to `write` runs inside one transaction of its own: what it returns is durable when `write`
    returns, and where it raises nothing of it remains. It may run again after a conflict with another replica, so it
    must have no effect but on the database. `read` sees what was committed before it began. One event loop uses one
    `Database`.
    """

    @abstractmethod
    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and commit; raises what `work` raises, and `StoreUnavailable`."""

    @abstractmethod
    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads; raises what `work` raises, and `StoreUnavailable`."""

    @abstractmethod
    async def close(self) -> None:
        """Finish the writes at work and let go of the database; safe to call twice."""
