"""What Runware's native paths answer: items, errors, and the frames that they come in (docs/wire/runware.md §4 to
docs/wire/runware.md §6).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ...chat import FinishReason
from ..response_struct import Struct

Id = Annotated[str, Meta(description="The task's UUID, as it was sent.")]
Tokens = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=0)]
Dollars = Annotated[float, Meta(ge=0)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Reason = Annotated[
    FinishReason | Literal["unknown"],
    Meta(description="`length`: the limit of tokens came first. `unknown`: a dry run."),
]


class Camel(Struct, rename="camel"):
    """Named as Runware names."""


class Usage(Camel):
    """Tokens of one result."""

    prompt_tokens: Tokens
    completion_tokens: Annotated[int, Meta(ge=0, description="Thinking and answer.")]
    total_tokens: Tokens
    thinking_tokens: Annotated[Tokens | UnsetType, Meta(description="The thinking, where there is some.")] = UNSET


class CalledTool(Camel):
    """A call of a tool, as the assistant's message takes it in the next request."""

    id: str
    name: str
    input: Annotated[Any, Meta(description="Its arguments; text where a limit cut them short.")]


class TextResult(Camel):
    """A result."""

    task_type: Literal["textInference"]
    task_uuid: Id = field(name="taskUUID")
    text: Annotated[
        str, Meta(description="The answer; thinking comes first, as a `<think>` block, where it is inline.")
    ]
    finish_reason: Reason
    status: Annotated[Literal["success"] | UnsetType, Meta(description="In answers to getResponse.")] = UNSET
    reasoning_content: Annotated[str | UnsetType, Meta(description="The thinking, where it is not inline.")] = UNSET
    tools: list[CalledTool] | UnsetType = UNSET
    usage: Annotated[Usage | UnsetType, Meta(description="With `includeUsage`.")] = UNSET
    cost: Annotated[Dollars | UnsetType, Meta(description="US dollars; with `includeCost`.")] = UNSET
    seed: Annotated[Number | UnsetType, Meta(description="What drew it.")] = UNSET
    result_index: Annotated[Number | UnsetType, Meta(description="Its place, where there are several.")] = UNSET
    media_uuid: Annotated[str | UnsetType, Meta(description="The result's own id, where there are several.")] = field(
        name="mediaUUID", default=UNSET
    )
    dry_run: Annotated[Literal[True] | UnsetType, Meta(description="Nothing was run.")] = UNSET


class Accepted(Camel):
    """An asynchronous task is accepted."""

    task_type: Literal["textInference"]
    task_uuid: Id = field(name="taskUUID")


class Processing(Camel):
    """A task is not finished."""

    task_type: Literal["textInference"]
    task_uuid: Id = field(name="taskUUID")
    status: Literal["processing"]
    progress: Annotated[Percent | UnsetType, Meta(description="The share of the prompt that is read.")] = UNSET


class Authenticated(Camel):
    """The key is right."""

    task_type: Literal["authentication"]
    session: Annotated[str, Meta(description="Say it when you come back.")] = field(name="connectionSessionUUID")


class Pong(Camel):
    """A sign of life."""

    task_type: Literal["ping"]
    pong: Literal[True]


class Issue(Camel):
    """What is wrong with a task."""

    code: Annotated[str, Meta(description="Stable; decide by it.")]
    message: Annotated[str, Meta(description="A sentence for people.")]
    status: Annotated[Literal["error"] | UnsetType, Meta(description="In answers to getResponse.")] = UNSET
    parameter: Annotated[
        str | list[str] | UnsetType,
        Meta(description="The path of the field at fault; several where a rule binds them."),
    ] = UNSET
    allowed_values: Annotated[list[str] | UnsetType, Meta(description="What the field may be.")] = UNSET
    task_type: str | UnsetType = UNSET
    task_uuid: Id | UnsetType = field(name="taskUUID", default=UNSET)


class FoundModel(Camel):
    """A model, as Runware's search shows it."""

    air: str
    name: str
    version: str
    category: str
    architecture: str
    type: str
    tags: list[str]
    capabilities: list[str]
    hero_image: str
    private: bool
    comment: Annotated[str, Meta(description="Its licence.")]


class Found(Camel):
    """Models that were searched for."""

    task_type: Literal["modelSearch"]
    task_uuid: Id = field(name="taskUUID")
    total_results: Annotated[int, Meta(ge=0)]
    results: list[FoundModel]


class ApiKey(Camel):
    name: str
    api_key: Annotated[str, Meta(description="The beginning of its digest.")]
    enabled: bool


class Spent(Camel):
    """What was used in some time."""

    credits: Annotated[float, Meta(ge=0, description="US dollars.")]
    requests: Annotated[int, Meta(ge=0)]


class Periods(Camel):
    total: Spent
    today: Spent
    last7_days: Spent = field(name="last7Days")
    last30_days: Spent = field(name="last30Days")


class Account(Camel):
    """Who calls."""

    task_type: Literal["accountManagement"]
    task_uuid: Id = field(name="taskUUID")
    operation: Literal["getDetails"]
    organization_name: str
    organization_uuid: str = field(name="organizationUUID")
    team: list[str]
    api_keys: list[ApiKey]
    usage: Periods


class Delta(Camel):
    """What a chunk adds."""

    text: str | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    tools: list[CalledTool] | UnsetType = UNSET


class Chunk(Camel):
    """A piece of a streamed result; after the last comes `data: [DONE]`."""

    task_type: Literal["textInference"]
    task_uuid: Id = field(name="taskUUID")
    delta: Delta
    finish_reason: Annotated[FinishReason | None, Meta(description="In the result's last chunk.")]
    usage: Annotated[Usage | UnsetType, Meta(description="In the last chunk, with `includeUsage`.")] = UNSET
    cost: Annotated[Dollars | UnsetType, Meta(description="In the last chunk, with `includeCost`.")] = UNSET
    seed: Annotated[Number | UnsetType, Meta(description="In the last chunk.")] = UNSET
    result_index: Annotated[Number | UnsetType, Meta(description="Its place, where there are several.")] = UNSET


class Failed(Struct):
    """Nothing came of any task, or of the request."""

    errors: list[Issue]
    error: Annotated[Issue | UnsetType, Meta(description="The first one, where some clients look for it.")] = UNSET
    message: Annotated[str | UnsetType, Meta(description="Its sentence.")] = UNSET
