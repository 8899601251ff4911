"""`GET /openapi.json`, its page at `GET /docs`, and `GET /`, which redirects there.

All three are open: they say nothing of the catalogue, the keys or, where keys are set, of the weights.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import __version__
from ..apis.adapter import ApiAdapter, Headers
from ..openapi import document, encoded
from ..web import Answering, Page, reference_page
from .exchange import Exchange
from .state import State

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s*$))")


class _Made(NamedTuple):
    """The document: as it is, as it is sent, and the same compressed."""

    described: dict[str, Any]
    body: bytes
    packed: bytes


class Reference:
    """Makes each of them once, when it is first asked for; the page again when another engine answers.

    Making them takes longer than streams may stand still, so a thread does it.
    """

    def __init__(self, state: State, adapters: Mapping[str, ApiAdapter]) -> None:
        self._state = state
        self._adapters = adapters
        self._making = asyncio.Lock()
        self._made: _Made | None = None
        self._redacted: tuple[tuple[Answering, ...], Page] | None = None

    async def openapi(self, exchange: Exchange) -> None:
        """Answer with the document."""
        async with self._making:
            made = await self._document()
        await _respond_cached(exchange, made.body, made.packed, b"application/json")

    async def docs(self, exchange: Exchange) -> None:
        """Answer with the page."""
        async with self._making:
            page = await self._page()
        headers = [(name.lower().encode(), value.encode()) for name, value in page.headers.items()]
        await _respond_cached(exchange, page.body, page.packed, b"text/html; charset=utf-8", headers)

    async def root(self, exchange: Exchange) -> None:
        """Redirect people to the page; the body says the same to clients that follow no redirects."""
        text = f"maxserve {__version__}: the API is described at /docs, and for programs at /openapi.json.\n"
        await exchange.respond(307, text.encode(), [(b"location", b"docs")], b"text/plain; charset=utf-8")

    async def _document(self) -> _Made:
        if self._made is None:
            self._made = await asyncio.to_thread(self._make)
        return self._made

    def _make(self) -> _Made:
        described = document(self._state.config, self._adapters)
        body = encoded(described)
        return _Made(described, body, gzip.compress(body, mtime=0))

    async def _page(self) -> Page:
        answering = self._answering()
        if self._redacted is None or self._redacted[0] != answering:
            described = (await self._document()).described
            keys = bool(self._state.keys)
            self._redacted = answering, await asyncio.to_thread(reference_page, described, answering, keys=keys)
        return self._redacted[1]

    def _answering(self) -> tuple[Answering, ...]:
        """What answers, for everybody where everybody may ask."""
        if self._state.keys:
            return ()
        found = []
        for engine in self._state.router:
            ready = engine.state == "ready"
            checkpoint, demo = (engine.info.checkpoint, engine.info.demo) if ready else (None, False)
            found.append(Answering(engine.name, engine.state, checkpoint, demo))
        return tuple(found)


async def _respond_cached(
    exchange: Exchange, body: bytes, packed: bytes, content_type: bytes, headers: Headers | None = None
) -> None:
    """Answer with `body` or, for clients that accept gzip, with `packed`; with 304 where the client has it already."""
    context = exchange.context
    headers = [*(headers or ()), (b"cache-control", b"no-cache"), (b"vary", b"accept-encoding")]
    if _GZIP.search(context.header(b"accept-encoding") or ""):
        body = packed
        headers.append((b"content-encoding", b"gzip"))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers.append((b"etag", etag.encode()))
    known = [tag.strip().removeprefix("W/") for tag in (context.header(b"if-none-match") or "").split(",")]
    if etag in known or "*" in known:
        await exchange.respond_empty(304, headers)
    else:
        await exchange.respond(200, body, headers, content_type)
