"""Just enough HTTP on loopback: a client that can tell a broken answer from a whole one, and a listener."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit


class Cut(Exception):
    """The connection could not be made, or ended before its answer did: nobody knows what the server has done."""


class Request(NamedTuple):
    """What a listener was asked; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


Handle = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


async def post(url: str, body: bytes, seconds: float = 30.0) -> tuple[int, bytes]:
    """POST JSON on a connection of its own; return the status and the body. Raises `Cut`."""
    parts = urlsplit(url)
    writer = None
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)
            head = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            writer.write(head.encode() + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            lines = (await reader.readuntil(b"\r\n\r\n")).lower()
            status = int(lines[9:12])
            if b"transfer-encoding: chunked" not in lines:
                size = int(lines.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                return status, await reader.readexactly(size)
            answer = b""
            while size := int(await reader.readline(), 16):
                answer += (await reader.readexactly(size + 2))[:-2]
            return status, answer
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:  # TimeoutError is an OSError
        raise Cut(f"{type(error).__name__}: {error}") from error
    finally:
        if writer is not None:
            writer.close()


def answer(status: int, body: bytes = b"", kind: str = "application/json") -> bytes:
    """Return a whole response."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def listening(handle: Handle) -> AsyncIterator[str]:
    """Answer requests with `handle` while the block runs, which may close its writer; give the address."""
    at_work: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        # Whoever hangs up, or is killed, has its reasons.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await handle(Request(first.split(" ")[1], headers, body), writer)
                await writer.drain()
        writer.close()
        at_work.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(at_work):
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
