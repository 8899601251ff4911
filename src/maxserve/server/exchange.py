"""The few ASGI pieces that endpoints on the hot path need: no request or response objects in between."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..access import Keys
from ..apis.adapter import ApiAdapter, Headers, RequestContext
from ..chat import BodyTooLarge, Error

if TYPE_CHECKING:
    from .sse import EventStream

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_NO_PATH: dict[str, str] = {}
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class ClientGone(Exception):
    """The client closed the connection; there is nobody left to answer."""


class Exchange:
    """One request and the means to answer it, in the form of its `adapter`.

    The arrival's id goes into the `x-request-id` header of every answer.
    """

    __slots__ = ("adapter", "added", "context", "receive", "scope", "send", "started", "status", "stream")

    def __init__(self, scope: Scope, receive: Receive, send: Send, adapter: ApiAdapter) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.adapter = adapter
        self.context = RequestContext(
            f"{random.getrandbits(96):024x}", int(time.time()), scope.get("path_params", _NO_PATH), scope["headers"]
        )
        self.started = time.perf_counter()
        self.status = 0
        self.stream: EventStream | None = None
        self.added: Headers = []

    @property
    def id(self) -> str:
        """The request's id as headers and logs show it."""
        return f"req_{self.context.id}"

    def authenticate(self, keys: Keys) -> None:
        """Put the caller's key into the context; raises `Unauthorized`."""
        key = keys.authenticate(self.scope["headers"])
        if key is not None:
            self.context = msgspec.structs.replace(self.context, key=key.id, flavour=key.flavour)

    async def body(self, limit: int) -> bytes:
        """Return the whole body; raises `BodyTooLarge` over `limit` bytes and `ClientGone`."""
        for name, value in self.scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > limit:
                raise self._too_large(limit)
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise self._too_large(limit)
            if not message.get("more_body", False):
                if not chunks:
                    return bytes(chunk)
                chunks.append(chunk)
                return b"".join(chunks)
            chunks.append(chunk)

    async def start(self, status: int, headers: Headers) -> None:
        """Send status and headers."""
        self.status = status
        headers = [(b"x-request-id", self.id.encode()), *self.adapter.headers(self.context), *self.added, *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def respond(self, status: int, body: bytes, headers: Headers | None = None) -> None:
        """Send a whole answer."""
        length = str(len(body)).encode()
        await self.start(
            status, [(b"content-type", self.adapter.content_type), (b"content-length", length), *(headers or ())]
        )
        await self.send({"type": "http.response.body", "body": body})

    async def fail(self, error: Error) -> None:
        """Send the error in the door's form."""
        status, body = self.adapter.error(error, self.context)
        headers: Headers = []
        if error.retry_after is not None:
            headers.append((b"retry-after", str(max(1, round(error.retry_after))).encode()))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if isinstance(error, BodyTooLarge):
            headers.append((b"connection", b"close"))  # the rest of the body is not read
        await self.respond(status, body, headers)

    @staticmethod
    def _too_large(limit: int) -> BodyTooLarge:
        return BodyTooLarge(f"The body is larger than this server takes: {limit:,} bytes.")
