"""One HTTP request and the means to answer it: plain ASGI, without request and response objects in between."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import msgspec

from ..access import Keys
from ..apis.adapter import ApiAdapter, Headers, RequestContext
from ..chat import BodyTooLarge, Error

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_NO_PATH: dict[str, str] = {}
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}").fullmatch
_REQUEST_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}").fullmatch
"""Request ids of clients that are kept: printable, without blanks, at most 128 characters."""


class ClientGone(Exception):
    """The client closed the connection; there is nobody left to answer."""


class OpenStream(Protocol):
    """A streamed response that has begun or is about to."""

    open: bool
    """Whether status and headers are sent."""

    async def finish(self, data: bytes = b"") -> None:
        """Send the last frames and end the response."""
        ...

    def close(self) -> None:
        """Stop the stream's timers; safe to call twice."""
        ...


class Exchange:
    """One request and the means to answer it, in the form of its `adapter`."""

    __slots__ = (
        "adapter", "added", "context", "error", "first_byte", "model", "receive", "request_id", "scope", "send",
        "started", "status", "stream", "traceparent",
    )  # fmt: skip

    scope: Scope
    receive: Receive
    send: Send
    adapter: ApiAdapter
    """The API in whose form the answer is written; a shared path may replace it once the body is read."""
    context: RequestContext
    """What adapters know of the request before its body is read."""
    request_id: str
    """The id in the `x-request-id` header and in logs: the client's own where it sent a usable one, else ours."""
    traceparent: str
    """The W3C trace context of the request, passed on to engines; empty where there is none or a wrong one."""
    started: float
    """When the request arrived, by `time.perf_counter`."""
    first_byte: float | None
    """When the response began, by `time.perf_counter`; None before that."""
    status: int
    """The HTTP status that was sent; 0 before that, and where the client left first."""
    error: Error | None
    """The error that the response tells, None for a success."""
    model: str | None
    """The name of the model that answers, once it is known."""
    stream: OpenStream | None
    """The streamed response, while there is one."""
    added: Headers
    """Headers that the response gets beside those of the adapter."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, adapter: ApiAdapter) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.adapter = adapter
        headers = scope["headers"]
        own = f"{random.getrandbits(96):024x}"
        self.context = RequestContext(own, int(time.time()), scope.get("path_params", _NO_PATH), headers)
        self.request_id, self.traceparent = f"req_{own}", ""
        for name, value in headers:
            if name == b"x-request-id":
                if _REQUEST_ID(value):
                    self.request_id = value.decode("ascii")
            elif name == b"traceparent" and _TRACEPARENT(value):
                self.traceparent = value.decode("ascii")
        self.started = time.perf_counter()
        self.first_byte = None
        self.status = 0
        self.error = None
        self.model = None
        self.stream = None
        self.added = []

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
        self.first_byte = time.perf_counter()
        headers = [
            (b"x-request-id", self.request_id.encode()),
            *self.adapter.headers(self.context),
            *self.added,
            *headers,
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def respond(
        self, status: int, body: bytes, headers: Headers | None = None, content_type: bytes | None = None
    ) -> None:
        """Send a whole response; `content_type` None = that of the adapter."""
        length = str(len(body)).encode()
        kind = self.adapter.content_type if content_type is None else content_type
        await self.start(status, [(b"content-type", kind), (b"content-length", length), *(headers or ())])
        await self.send({"type": "http.response.body", "body": body})

    async def respond_empty(self, status: int, headers: Headers) -> None:
        """Send a response that has no body by its status (204, 304)."""
        await self.start(status, headers)
        await self.send({"type": "http.response.body", "body": b""})

    async def fail(self, error: Error) -> None:
        """Send an error: by status and body, or as the end of a stream whose status is sent already."""
        self.error = error
        stream = self.stream
        if stream is not None and stream.open:
            await stream.finish(self.adapter.error_event(error, self.context))
        elif not self.status:
            await self._respond_error(error)

    async def _respond_error(self, error: Error) -> None:
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
