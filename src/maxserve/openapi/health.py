"""Whether the server lives and can answer."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..engines import EngineState
from .answers.struct import Struct
from .headers import answer_headers
from .operation import Operation, Part
from .schema import Schemas


class Live(Struct):
    """The process serves."""

    status: Literal["ok"]


class Ready(Struct):
    """What the engines are doing."""

    status: Literal["ready", "not ready"]
    engines: Annotated[dict[str, EngineState], Meta(description="Every engine's state by its name.")]


def health_part(schemas: Schemas) -> Part:
    """Return the part."""
    live = schemas.add(Live, "Health")
    ready = {"headers": answer_headers(), "content": {"application/json": {"schema": schemas.add(Ready, "Health")}}}
    return Part(
        name="Health",
        text="For load balancers and supervisors; no key is needed.",
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
        ),
    )
