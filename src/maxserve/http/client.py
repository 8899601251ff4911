"""The HTTP client of the engines: requests over kept connections, whole responses and event streams."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Generic, Self, TypeVar

import msgspec

from .address import Address
from .connection import ConnectFailed, Connection, Disconnected, TimedOut
from .sse import EventReader
from .trace import TRACEPARENT

T = TypeVar("T")

IDLE_CONNECTIONS = 32


class Response(msgspec.Struct, frozen=True):
    """A whole response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """A request that was answered with status and headers; its body is still coming.

    Use it as an async context manager: leaving gives the connection back where the body was read to its end, and
    hangs up otherwise, which is what tells an engine to stop.
    """

    def __init__(self, client: Client, connection: Connection) -> None:
        self._client = client
        self._connection = connection
        self.status = connection.status
        self.headers: Mapping[str, str] = connection.headers

    async def read(self) -> bytes:
        """Return the body bytes that came since the last read, b"" at the end; raises `Disconnected`."""
        return await self._connection.read()

    async def body(self) -> bytes:
        """Return the rest of the body."""
        parts = []
        while part := await self._connection.read():
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Give the connection back, or hang up where the response is not complete; safe to call twice."""
        connection, client = self._connection, self._client
        client.release(connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EventStream(Generic[T]):
    """The events of an exchange, decoded, in lists: all complete ones that had come."""

    def __init__(self, exchange: Exchange, decoder: msgspec.json.Decoder[list[T]]) -> None:
        self._exchange = exchange
        self._reader = EventReader(decoder)

    async def read(self) -> list[T]:
        """Return the next events, [] at the stream's end; raises `Disconnected` and `msgspec.DecodeError`."""
        reader = self._reader
        read = self._exchange.read
        while data := await read():
            events = reader.feed(data)
            if events:
                return events
        return reader.finish()


class Client:
    """Speaks HTTP/1.1 with one server.

    `headers` go with every request. `connect_timeout` and `first_byte_timeout` are in seconds, None = for ever; the
    second one runs from the request's last byte to the response's head.
    """

    def __init__(
        self,
        address: Address,
        *,
        headers: Mapping[str, str] | None = None,
        connect_timeout: float | None = 5.0,
        first_byte_timeout: float | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = address
        self._connect_timeout = connect_timeout
        self._first_byte_timeout = first_byte_timeout
        self._tls = (tls or ssl.create_default_context()) if address.tls else None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._closed = False
        fixed = {"host": address.authority, **(headers or {})}
        for name, value in fixed.items():
            if "\r" in value or "\n" in value:
                raise ValueError(f"The header '{name}' holds a line break.")
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())

    async def open(self, method: str, path: str, body: bytes | None = None) -> Exchange:
        """Send a request and return when its status and headers are there.

        `body` is JSON. A kept connection that turns out to be closed is replaced without a word, as long as no byte
        of a response had come. Raises `ConnectFailed`, `TimedOut`, `Disconnected`, `BadResponse`.
        """
        request = self._write(method, path, body)
        while True:
            kept = self._kept()
            connection = kept or await self._connect()
            self._busy.add(connection)
            try:
                connection.send(request)
                await connection.head(self._first_byte_timeout)
            except Disconnected as error:
                self._drop(connection)
                if kept is None or error.answered:
                    raise
            except BaseException:
                self._drop(connection)
                raise
            else:
                return Exchange(self, connection)

    async def request(
        self, method: str, path: str, body: bytes | None = None, *, timeout: float | None = None
    ) -> Response:
        """Send a request and return the whole response; `timeout` in seconds is for all of it."""
        try:
            async with asyncio.timeout(timeout), await self.open(method, path, body) as exchange:
                return Response(exchange.status, exchange.headers, await exchange.body())
        except TimeoutError:
            raise TimedOut(f"No whole answer within {timeout:g} s.") from None

    def release(self, connection: Connection) -> None:
        """Take a connection back into the pool, or hang it up where its response is not complete."""
        if connection not in self._busy:
            return
        self._busy.discard(connection)
        if self._closed or not connection.done or not connection.usable or len(self._idle) >= IDLE_CONNECTIONS:
            connection.close()
        else:
            self._idle.append(connection)

    async def close(self) -> None:
        """Hang up every connection, busy ones too; safe to call twice."""
        self._closed = True
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()

    def _drop(self, connection: Connection) -> None:
        self._busy.discard(connection)
        connection.close()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        return None

    async def _connect(self) -> Connection:
        if self._closed:
            raise ConnectFailed("The client is closed.")
        loop = asyncio.get_running_loop()
        address = self.address
        try:
            async with asyncio.timeout(self._connect_timeout):
                if address.socket:
                    _, connection = await loop.create_unix_connection(Connection, address.socket)
                else:
                    _, connection = await loop.create_connection(Connection, address.host, address.port, ssl=self._tls)
        except TimeoutError:
            raise ConnectFailed(f"No connection to {address} within {self._connect_timeout:g} s.") from None
        except OSError as error:
            raise ConnectFailed(f"No connection to {address}: {error.strerror or error}") from error
        return connection

    def _write(self, method: str, path: str, body: bytes | None) -> bytes:
        head = f"{method} {self.address.prefix}{path} HTTP/1.1\r\n{self._fixed}"
        if trace := TRACEPARENT.get():
            head += f"traceparent: {trace}\r\n"
        if body is None:
            return f"{head}\r\n".encode("latin-1")
        head = f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode("latin-1") + body
