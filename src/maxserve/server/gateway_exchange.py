"""A request through a gateway, and what its log line needs."""

from __future__ import annotations

import time

from ..apis.adapter import ApiAdapter
from ..apis.cloudflare.options import LONGEST
from ..catalogue import Model
from ..chat import Usage
from ..gateway.record import Call, Hold
from ..service import Generation
from ..store.ulid import ulid
from .exchange import Exchange, Message, Receive, Scope, Send

LARGEST_LOGGED = 10 * 1024 * 1024
"""Bytes of a body that the log keeps at most (docs/wire/cloudflare.md §6.4)."""


class GatewayExchange(Exchange):
    """An exchange that remembers what goes out, for the log and the cache.

    `at` is when it began, in Unix seconds; `account` whose it is; `failed` whether the answer broke off or was none.
    """

    __slots__ = (
        "account", "at", "cached", "call", "catalogue_model", "chunks", "failed", "generation", "holds", "size", "step",
        "type",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, adapter: ApiAdapter) -> None:
        super().__init__(scope, receive, send, adapter)
        self.at = time.time()
        self.account = ""
        self.catalogue_model: Model | None = None
        self.chunks: list[bytes] = []
        self.size = 0
        self.type = ""
        self.begin(0)
        event = self.context.header(b"cf-aig-event-id") or ""
        self.added = [(b"cf-aig-event-id", (event[:LONGEST] or self.log_id).encode("latin-1"))]

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                self.size += len(body)
                if self.size <= LARGEST_LOGGED:
                    self.chunks.append(body)
            else:
                self.type = dict(message["headers"]).get(b"content-type", b"").decode("latin-1")
            await send(message)

        self.send = remember

    def begin(self, step: int) -> None:
        """Begin a step of the request with nothing of the one before."""
        self.step = step
        self.call: Call | None = None
        self.holds: list[Hold] = []
        self.generation: Generation | None = None
        self.cached = False
        self.failed = True
        self.stream = None

    @property
    def log_id(self) -> str:
        """The id of the step's line, known before there is one: of the request's time and its own digits."""
        return ulid(self.at, (int(self.context.id[:20], 16) + self.step) & (1 << 80) - 1)

    def usage(self, status: int) -> Usage:
        """What was generated for the client, as far as it came; nothing for the cache's answers and for refusals."""
        # Status 0 is a client that went before there was one: what it had ordered was made.
        return self.generation.usage if self.generation is not None and status in (0, 200) else Usage()
