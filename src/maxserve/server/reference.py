"""`GET /openapi.json`, the page that shows it at `GET /docs`, and `GET /`, which leads there.

All three are open: they say nothing of the catalogue, the keys or, where keys are set, of the weights.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .. import __version__
from ..openapi import document, encoded
from ..web import Answering, Page, reference_page
from .state import State

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s*$))")


class Reference:
    """Makes each of them once, when it is first asked for; the page again when another engine answers."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._shown: tuple[tuple[Answering, ...], Page] | None = None

    async def openapi(self, request: Request) -> Response:
        """Answer with the document."""
        return _cached(request, self._json, "application/json")

    async def docs(self, request: Request) -> Response:
        """Answer with the page."""
        answering = self._answering()
        if self._shown is None or self._shown[0] != answering:
            keys = bool(self._state.keys)
            self._shown = answering, reference_page(self._document, answering, keys=keys)
        page = self._shown[1]
        packed = _GZIP.search(request.headers.get("accept-encoding", "")) is not None
        response = _cached(request, page.packed if packed else page.body, "text/html; charset=utf-8")
        response.headers.update(page.headers)
        response.headers["vary"] = "accept-encoding"
        if packed and response.status_code == 200:
            response.headers["content-encoding"] = "gzip"
        return response

    async def root(self, request: Request) -> Response:
        """Lead people to the page; say the same to those who follow no redirects."""
        text = f"maxserve {__version__}: the API is described at /docs, and for programs at /openapi.json.\n"
        return PlainTextResponse(text, 307, headers={"location": "docs"})

    @cached_property
    def _document(self) -> dict[str, object]:
        return document(self._state.config)

    @cached_property
    def _json(self) -> bytes:
        return encoded(self._document)

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


def _cached(request: Request, body: bytes, media_type: str) -> Response:
    """Answer with `body`, or with 304 where the client has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
