"""The models that can be asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from ..dialects.openai import OpenAIChat
from .answers.struct import Struct
from .faults import UNAUTHORIZED, UNKNOWN_MODEL, fault_responses
from .headers import answer_headers
from .operation import Operation, Part, path_parameter
from .schema import Schemas


class Model(Struct):
    """A name that requests may ask for."""

    id: str
    object: Literal["model"]
    created: Annotated[int, Meta(description="Unix seconds.")]
    owned_by: str


class ModelList(Struct):
    """Every spelling of every model."""

    object: Literal["list"]
    data: list[Model]


def models_part(schemas: Schemas, error: dict[str, Any]) -> Part:
    """Return the part; `error` is the schema of errors in OpenAI's form."""
    door = OpenAIChat()
    forms = [(door, error)]

    def found(text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "description": text,
            "headers": answer_headers(door),
            "content": {"application/json": {"schema": schema}},
        }

    return Part(
        name="Models",
        text="The names that requests may ask for.",
        operations=(
            Operation(
                id="listModels",
                method="get",
                paths=("/v1/models",),
                summary="List the models",
                text="Lists every spelling of every model.",
                responses={
                    "200": found("The list.", schemas.add(ModelList, "Model")),
                    **fault_responses(forms, UNAUTHORIZED),
                },
            ),
            Operation(
                id="retrieveModel",
                method="get",
                paths=("/v1/models/{model}",),
                summary="Look a model up",
                text="Finds a model by any of its names.",
                parameters=(
                    path_parameter("model", "Its name; `/`, `:` and `@` plain or percent-encoded.", "minimax/m2.7"),
                ),
                responses={
                    "200": found("The model.", schemas.add(Model, "Model")),
                    **fault_responses(forms, (*UNAUTHORIZED, *UNKNOWN_MODEL)),
                },
            ),
        ),
    )
