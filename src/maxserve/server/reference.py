"""`GET /openapi.json`, the page that shows it at `GET /docs`, and `GET /`, which leads there.

All three are open: they say nothing of the catalogue, the keys or, where keys are set, of the weights.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .. import __version__
from ..apis.adapter import ApiAdapter
from ..openapi import document, encoded
from ..web import Answering, Page, reference_page
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
        self._shown: tuple[tuple[Answering, ...], Page] | None = None

    async def openapi(self, request: Request) -> Response:
        """Answer with the document."""
        async with self._making:
            made = await self._document()
        return _cached(request, made.body, made.packed, "application/json")

    async def docs(self, request: Request) -> Response:
        """Answer with the page."""
        async with self._making:
            page = await self._page()
        response = _cached(request, page.body, page.packed, "text/html; charset=utf-8")
        response.headers.update(page.headers)
        return response

    async def root(self, request: Request) -> Response:
        """Lead people to the page; say the same to those who follow no redirects."""
        text = f"maxserve {__version__}: the API is described at /docs, and for programs at /openapi.json.\n"
        return PlainTextResponse(text, 307, headers={"location": "docs"})

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
        if self._shown is None or self._shown[0] != answering:
            described = (await self._document()).described
            keys = bool(self._state.keys)
            self._shown = answering, await asyncio.to_thread(reference_page, described, answering, keys=keys)
        return self._shown[1]

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


def _cached(request: Request, body: bytes, packed: bytes, media_type: str) -> Response:
    """Answer with `body` or, for those who take gzip, with `packed`; with 304 where the client has it already."""
    headers = {"cache-control": "no-cache", "vary": "accept-encoding"}
    if _GZIP.search(request.headers.get("accept-encoding", "")):
        body = packed
        headers["content-encoding"] = "gzip"
    etag = headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
