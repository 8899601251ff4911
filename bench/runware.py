"""Clients of Runware's API for the benchmarks: WebSocket sessions and kept HTTP connections, in one event loop.

They do as little per task as they can, for they share a core with the synthetic engine. Frames are masked with zeros,
which the protocol allows and which costs nothing.
"""

from __future__ import annotations

import asyncio
import base64
import os
import uuid
from collections.abc import Callable
from typing import Any, cast

import msgspec

MODEL = "minimax:m2.7@0"
PATIENCE_S = 60.0
"""Whoever waits longer was forgotten."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_PING = msgspec.json.encode([{"taskType": "ping", "ping": True}])


class Refused(Exception):
    """The server answered with an error, or closed the connection."""


def task_id() -> str:
    """Return a new id of a task."""
    return str(uuid.uuid4())


def inference(task: str, delivery: str, tokens: int, webhook: str | None = None) -> dict[str, Any]:
    """Return a task that asks for an answer of `tokens` tokens."""
    found: dict[str, Any] = {
        "taskType": "textInference",
        "taskUUID": task,
        "model": MODEL,
        "deliveryMethod": delivery,
        "messages": [{"role": "user", "content": "Say something."}],
        "settings": {"maxTokens": tokens},
    }
    return found if webhook is None else {**found, "webhookURL": webhook}


def poll(task: str) -> dict[str, Any]:
    """Return a task that asks how another one stands."""
    return {"taskType": "getResponse", "taskUUID": task}


class Session(asyncio.Protocol):
    """A WebSocket session; `open` makes one that is authenticated."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._upgraded = False
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @classmethod
    async def open(cls, port: int) -> Session:
        """Connect and authenticate; raises `Refused`."""
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(cls, "127.0.0.1", port)
        assert session._transport is not None
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET /v1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        upgraded = session._expect("")
        session._transport.write(f"{head}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        await upgraded
        await session._ask([{"taskType": "authentication", "apiKey": "bench"}], "authentication")
        return session

    async def ping(self) -> None:
        """Ask for a pong and wait until it comes."""
        waiting = self._expect("ping")
        self._write(_PING)
        await waiting

    @property
    def open_(self) -> bool:
        """Whether the connection stands."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, task: dict[str, Any]) -> dict[str, Any]:
        """Send a task and return the first item that answers it; raises `Refused`."""
        return await self._ask([task], task["taskUUID"])

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    async def _ask(self, array: list[dict[str, Any]], key: str) -> dict[str, Any]:
        waiting = self._expect(key)
        self._write(msgspec.json.encode(array))
        return await waiting

    def _expect(self, key: str) -> asyncio.Future[dict[str, Any]]:
        future = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        return future

    def _write(self, text: bytes) -> None:
        assert self._transport is not None
        size = len(text)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + text)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self._data += data
        if not self._upgraded:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(f"no WebSocket: {head[:100]!r}")
                return
            self._upgraded, self._data = True, rest
            self._waiting.pop("").set_result({})
        while len(self._data) >= 2:
            size, start = self._data[1], 2
            if size >= 126:
                start = 4 if size == 126 else 10
                size = int.from_bytes(self._data[2:start], "big")
            if len(self._data) < start + size:
                return
            opcode, payload = self._data[0] & 15, self._data[start : start + size]
            self._data = self._data[start + size :]
            if opcode == 1:
                self._take(_decode(payload))
            elif opcode == 8:
                self._fail(f"closed: {payload[2:]!r}")

    def connection_lost(self, error: Exception | None) -> None:
        """Tell those who wait."""
        self._fail(f"the connection ended: {error}")

    def _take(self, frame: dict[str, Any]) -> None:
        for item in frame.get("data", ()):
            waiting = self._waiting.pop(item.get("taskUUID", item["taskType"]), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(item)
        for error in frame.get("errors", ()):
            waiting = self._waiting.pop(error.get("taskUUID", error.get("taskType", "")), None)
            if waiting is not None and not waiting.done():
                waiting.set_exception(Refused(f"{error.get('code')}: {error.get('message')}"))

    def _fail(self, why: str) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Refused(why))
        self._waiting.clear()


class Connection(asyncio.Protocol):
    """A kept HTTP connection, which posts one array after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._waiting: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def post(self, array: list[dict[str, Any]]) -> dict[str, Any]:
        """Post an array and return the whole answer, whatever its status; raises `Refused`."""
        assert self._transport is not None
        body = msgspec.json.encode(array)
        self._waiting = asyncio.get_running_loop().create_future()
        head = b"POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)
        return _decode(await self._waiting)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer."""
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length and self._waiting is not None:
            self._data = body[length:]
            self._waiting.set_result(body[:length])

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Refused(f"the connection ended: {error}"))


class Receiver(asyncio.Protocol):
    """A webhook's receiver that says 200 to everything; `count` is called for each request."""

    def __init__(self, count: Callable[[], None]) -> None:
        self._count = count
        self._transport: asyncio.Transport | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        assert self._transport is not None
        self._data += data
        while True:
            head, end, body = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            if len(body) < length:
                return
            self._data = body[length:]
            self._count()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
