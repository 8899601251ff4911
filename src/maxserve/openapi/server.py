"""What the server says of itself: whether it lives, whether it can answer, and this document."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..apis.response_struct import Struct
from ..engines import EngineState
from .headers import ETAG, answer_headers, reference
from .operation import Operation, Part
from .schema import Schemas


class Live(Struct):
    """The process serves."""

    status: Literal["ok"]


class Ready(Struct):
    """What the engines are doing."""

    status: Literal["ready", "not ready"]
    engines: Annotated[dict[str, EngineState], Meta(description="Every engine's state by its name.")]


def server_part(schemas: Schemas) -> Part:
    """Return the part."""
    live = schemas.add(Live, "Health")
    ready = {"headers": answer_headers(), "content": {"application/json": {"schema": schemas.add(Ready, "Health")}}}
    return Part(
        name="Server",
        text="For load balancers, supervisors and generators of clients; no key is needed.",
        operations=(
            Operation(
                id="live",
                method="get",
                paths=("/livez",),
                summary="Does the process serve?",
                text="Answers as long as the process serves.",
                responses={
                    "200": {
                        "description": "It does.",
                        "headers": answer_headers(),
                        "content": {"application/json": {"schema": live}},
                    }
                },
                open=True,
            ),
            Operation(
                id="ready",
                method="get",
                paths=("/readyz",),
                summary="Can every engine answer?",
                text="Says what each engine is doing.",
                responses={
                    "200": {"description": "Every engine can answer.", **ready},
                    "503": {"description": "Some engine cannot answer now.", **ready},
                },
                open=True,
            ),
            Operation(
                id="openapi",
                method="get",
                paths=("/openapi.json",),
                summary="This document",
                text="OpenAPI 3.1. The page at `/docs` shows it.",
                parameters=(
                    {
                        "name": "If-None-Match",
                        "in": "header",
                        "description": "The `ETag` of the document that you have.",
                        "schema": {"type": "string"},
                    },
                ),
                responses={
                    "200": {
                        "description": "The document.",
                        "headers": {ETAG: reference(ETAG)},
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "304": {"description": "You have it.", "headers": {ETAG: reference(ETAG)}},
                },
                open=True,
            ),
        ),
    )
