"""A receiver of webhooks on the loopback: it notes what comes, and answers as it is told, well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Says something itself; the connection is closed after it."""


class Received(NamedTuple):
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `retry_after` becomes `retry-after`."""
    lines = [f"HTTP/1.1 {status} Because", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Receiver:
    """A running one: `answers` are used up in order, then `otherwise` for ever."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://localhost:{port}"
        self.requests: list[Received] = []
        self.answers: list[bytes | Act] = []
        self.otherwise: bytes | Act = answer(200, b"ok")
        self.over = asyncio.Event()
        self.open = 0
        self.most_open = 0
        self.serving: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    async def received(self, count: int, timeout: float = 30) -> list[Received]:
        """Wait for so many requests in all and return them."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: len(self.requests) >= count)
        return self.requests

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(task := cast("asyncio.Task[None]", asyncio.current_task()))
        task.add_done_callback(self.serving.discard)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            act = self.answers.pop(0) if self.answers else self.otherwise
            async with self._news:
                self.requests.append(Received(first.split(" ")[1], headers, body))
                self._news.notify_all()
            if isinstance(act, bytes):
                writer.write(act)
                await writer.drain()
            else:
                await act(reader, writer)
        except (OSError, EOFError):
            pass  # who asked went away, as some tests want
        finally:
            self.open -= 1
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()

    async def silence(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say nothing until the other side goes or the test ends."""
        gone, over = asyncio.ensure_future(reader.read()), asyncio.ensure_future(self.over.wait())
        await asyncio.wait([gone, over], return_when=asyncio.FIRST_COMPLETED)
        for waiting in (gone, over):
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await waiting


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run one on a free port of this event loop."""
    async with asyncio.timeout(100):
        server = await asyncio.start_server(
            lambda reader, writer: receiver.serve(reader, writer), "127.0.0.1", 0, ssl=tls
        )
        receiver = Receiver(server.sockets[0].getsockname()[1], "https" if tls else "http")
        try:
            yield receiver
        finally:
            receiver.over.set()
            server.close()
            await asyncio.gather(*receiver.serving)
