"""The headers that answers carry."""

from __future__ import annotations

from typing import Any

from ..apis.adapter import ApiAdapter, RequestContext

REQUEST_ID = "X-Request-Id"
CHECKPOINT = "X-Maxserve-Checkpoint"
RETRY_AFTER = "Retry-After"
ETAG = "ETag"

HEADERS: dict[str, dict[str, Any]] = {
    REQUEST_ID: {
        "description": "The request's id, the same as in the server's log.",
        "schema": {"type": "string", "pattern": "^req_[0-9a-f]{24}$"},
    },
    CHECKPOINT: {"description": "The weights that answered.", "schema": {"type": "string"}},
    RETRY_AFTER: {
        "description": "Seconds after which the same request may succeed.",
        "schema": {"type": "integer", "minimum": 1},
    },
    ETAG: {
        "description": "Changes with the content; send it as `If-None-Match`.",
        "schema": {"type": "string"},
    },
}


def reference(name: str) -> dict[str, Any]:
    """Return a reference to a header of the document's components."""
    return {"$ref": f"#/components/headers/{name}"}


def answer_headers(adapter: ApiAdapter | None = None, *, checkpoint: bool = False) -> dict[str, Any]:
    """Return what every answer of `adapter` carries, its dialect's own headers included."""
    found = {REQUEST_ID: reference(REQUEST_ID)}
    if checkpoint:
        found[CHECKPOINT] = reference(CHECKPOINT)
    if adapter is not None:
        for name, _ in adapter.headers(RequestContext("0" * 24, 0)):
            title = "-".join(word.capitalize() for word in name.decode().split("-"))
            found.setdefault(title, {"description": "As the vendor's service sends it.", "schema": {"type": "string"}})
    return found
