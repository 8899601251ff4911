"""Keeps a number of requests in flight against one address until their count or the time is up."""

from __future__ import annotations

import asyncio
from time import perf_counter

import msgspec

from .answer import Answer
from .connection import Connection, connect
from .run import Run
from .target import Target
from .workload import Workload

_PATROL_S = 0.1
"""How often requests that take too long are looked for."""

_FAILURES = 20
"""Connections refused or cut in a row before a run gives up."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What bounds a run: `requests` in count, `duration_s` seconds in all, `timeout_s` seconds for each request."""

    requests: int
    duration_s: float
    timeout_s: float = 120.0


async def drive(target: Target, workload: Workload, concurrency: int, limits: Limits, *, first: int = 0) -> Run:
    """Run requests `first`, `first + 1`, … with `concurrency` of them in flight, and return what was measured.

    Connections are open before the clock starts. Raises `OSError` where the address cannot be reached at all.
    """
    return await _Driver(target, workload, concurrency, limits, first).drive()


class _Driver:
    def __init__(self, target: Target, workload: Workload, concurrency: int, limits: Limits, first: int) -> None:
        self._target = target
        self._requests = workload.requests(target)
        self._stream = workload.stream
        self._concurrency = min(concurrency, limits.requests)
        self._limits = limits
        self._next = first
        self._end = first + limits.requests
        self._run = Run()
        self._open: set[Connection] = set()
        self._busy: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._finished = asyncio.Event()

    async def drive(self) -> Run:
        try:
            connections = await asyncio.gather(*(self._connect() for _ in range(self._concurrency)))
            start = perf_counter()
            for connection in connections:
                self._ask(connection)
            await self._patrol(start + self._limits.duration_s)
            self._run.seconds = perf_counter() - start
            for connection in self._busy:
                if connection.answer is not None:
                    self._run.abandon(connection.answer)
        finally:
            for task in self._opening:
                task.cancel()
            for connection in self._open:
                connection.close()
        return self._run

    def answered(self, connection: Connection, answer: Answer, end: float) -> None:
        """Count it and go on (`connection.Owner`)."""
        self._failures = 0
        self._run.add(answer, end)
        self._busy.discard(connection)
        self._go_on(connection)

    def lost(self, connection: Connection, answer: Answer | None, reason: str) -> None:
        """Count it and go on with a new connection (`connection.Owner`)."""
        self._busy.discard(connection)
        if answer is not None:
            self._failures += 1
            self._run.fail(reason, answer)
            self._go_on(connection)

    def _ask(self, connection: Connection) -> None:
        number = self._next
        self._next += 1
        self._busy.add(connection)
        connection.ask(self._requests[number], self._stream)

    def _go_on(self, connection: Connection) -> None:
        if self._next >= self._end or self._failures >= _FAILURES:
            if not self._busy and not self._opening:
                self._finished.set()
        elif connection.alive:
            self._ask(connection)
        else:
            self._open.discard(connection)
            task = asyncio.create_task(self._replace())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _replace(self) -> None:
        try:
            connection = await self._connect()
        except OSError as error:
            self._failures += 1
            self._run.fail(f"no connection: {error}")
            self._next += 1
            await asyncio.sleep(min(0.01 * 2**self._failures, 1.0))
            connection = Connection(self)
        task = asyncio.current_task()
        assert task is not None
        self._opening.discard(task)
        if connection.alive and self._next < self._end:
            self._ask(connection)
        else:
            connection.close()
            self._go_on(connection)

    async def _connect(self) -> Connection:
        target = self._target
        connection = await connect(lambda: Connection(self), target.host, target.port, target.tls)
        self._open.add(connection)
        return connection

    async def _patrol(self, deadline: float) -> None:
        """Return when everything is answered or the deadline is over; end requests that take too long."""
        while not self._finished.is_set():
            now = perf_counter()
            if now >= deadline:
                return
            for connection in [*self._busy]:
                answer = connection.answer
                if answer is not None and now - answer.start > self._limits.timeout_s:
                    connection.close()
                    self.lost(connection, answer, f"no answer in {self._limits.timeout_s:g} s")
            try:
                async with asyncio.timeout(min(_PATROL_S, deadline - now)):
                    await self._finished.wait()
            except TimeoutError:
                continue
