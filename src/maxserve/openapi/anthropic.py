"""Anthropic's Messages."""

from __future__ import annotations

from typing import Any

from ..apis.anthropic import MessagesAdapter, wire
from ..apis.anthropic import wire_response as form
from ..apis.anthropic.read import MODES, STOPS, TEMPERATURE, TOP_P
from ..apis.anthropic.turns import ROLES
from ..apis.openai_chat.rules import TOOL_NAME
from ..chat import InternalError
from .answer import AnswerForm, answers
from .examples import COOK, HAIKU, PARIS, PASTA, TCP, TCP_ANSWER, UDP, WEATHER, WEATHER_SCHEMA, user
from .faults import ENGINE_MISSING, READING, UNKNOWN_MODEL
from .field import Field, Fields
from .mounts import Mounts
from .operation import Operation, Part
from .schema import Schemas, tag_of

_PREFIX = "Anthropic"
_TEXT = Field(text="The text.")
_TEXTS: dict[str, Any] = {
    "type": "array",
    "items": {
        "title": "SystemText",
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["text"], "default": "text"},
            "text": {"type": "string", "description": "The text."},
        },
        "required": ["text"],
    },
}
"""Where only texts can stand, they need not say so."""


def anthropic_form(mounts: Mounts, schemas: Schemas) -> AnswerForm:
    """Return the form of a message."""
    whole, *frames = schemas.add_all((form.Reply, *form.EVENTS), _PREFIX)
    return AnswerForm(
        adapter=mounts.adapter(MessagesAdapter),
        whole=whole,
        error=schemas.add(form.ErrorBody, _PREFIX, name="AnthropicError"),
        frames=tuple(frames),
        names=(*(tag_of(event) for event in form.EVENTS), "error"),
    )


def anthropic_part(mounts: Mounts, schemas: Schemas, own: AnswerForm) -> Part:
    """Return the part."""
    body = schemas.add(wire.MessagesRequest, _PREFIX, REQUEST)
    count = AnswerForm(adapter=own.adapter, whole=schemas.add(form.Tokens, _PREFIX), error=own.error)
    paths = mounts.paths(MessagesAdapter)
    examples = _examples()
    return Part(
        name="Anthropic",
        text="For any client of Anthropic's Messages API.",
        operations=(
            Operation(
                id="createMessage",
                method="post",
                paths=paths,
                summary="Answer a conversation",
                text="Takes what Anthropic's API takes. M3 thinks if `thinking` says so; M2 always does.",
                body=body,
                examples=examples,
                responses=answers([own]),
            ),
            Operation(
                id="countMessageTokens",
                method="post",
                paths=tuple(f"{path}/count_tokens" for path in paths),
                summary="Count a prompt's tokens",
                text="Takes the same request and says how large its prompt would be, without answering it.",
                body=body,
                examples=examples,
                responses=answers(
                    [count], (*READING, *UNKNOWN_MODEL, *ENGINE_MISSING, InternalError("The server made a mistake."))
                ),
            ),
        ),
    )


def _examples() -> dict[str, Any]:
    tool = {"name": "get_weather", "description": "The weather in a city.", "input_schema": WEATHER_SCHEMA}
    return {
        "A question": {"model": "MiniMax-M2.7", "max_tokens": 2048, "messages": [user(PARIS)]},
        "Streamed": {
            "model": "MiniMax-M3",
            "max_tokens": 2048,
            "stream": True,
            "thinking": {"type": "enabled"},
            "messages": [user(HAIKU)],
        },
        "A system prompt": {"model": "MiniMax-M2.7", "max_tokens": 2048, "system": COOK, "messages": [user(PASTA)]},
        "Several turns": {
            "model": "MiniMax-M2.7",
            "max_tokens": 2048,
            "messages": [user(TCP), {"role": "assistant", "content": TCP_ANSWER}, user(UDP)],
        },
        "A tool": {"model": "MiniMax-M2.7", "max_tokens": 2048, "tools": [tool], "messages": [user(WEATHER)]},
    }


REQUEST: Fields = {
    wire.MessagesRequest: {
        "model": Field(text="Any name of a model.", least=1),
        "messages": Field(text="The conversation so far; messages of one role in a row are one turn.", least=1),
        "system": Field(text="The system prompt.", schema={"anyOf": [{"type": "string"}, _TEXTS, {"type": "null"}]}),
        "max_tokens": Field(
            text="The most tokens to write, thinking and answer together; unset means as many as fit.", low=1
        ),
        "temperature": Field(
            text="How freely tokens are drawn; unset means the model's own default.", range=TEMPERATURE
        ),
        "top_p": Field(text="Draw from the likeliest tokens that together have this probability.", range=TOP_P),
        "top_k": Field(text="Draw from so many likeliest tokens; 0 means all.", low=0),
        "stop_sequences": Field(
            text="What ends the visible answer, and is not part of it.", most=STOPS, items=Field(text="", least=1)
        ),
        "stream": Field(text="Send the answer as it is written, as server-sent events.", default=False),
        "tools": Field(text="Functions that the model may call."),
        "tool_choice": Field(text="Whether tools are called."),
        "thinking": Field(text="Whether the model thinks first; absent means no."),
        "output_config": Field(text="The form of the answer."),
        "output_format": Field(text="The older place of `output_config.format`."),
        "metadata": Field(text="Who asks."),
        "service_tier": Field(text="Tolerated; there is one tier."),
        "thread": Field(text="Refused: conversations are not kept here; send all messages.", schema={"type": "null"}),
    },
    wire.Message: {
        "role": Field(text="Who speaks; the special roles are MiniMax's.", values=ROLES),
        "content": Field(text="Text, or a list of blocks."),
        "name": Field(text="Tells speakers of the same role apart."),
    },
    wire.Text: {"text": _TEXT},
    wire.Image: {"source": Field(text="A picture, for models that can see.")},
    wire.Base64: {
        "data": Field(text="The picture in base 64."),
        "media_type": Field(text="Its type, like `image/png`."),
    },
    wire.Url: {"url": Field(text="Its `https:` address.")},
    wire.Thought: {
        "thinking": Field(text="The thought, sent back as it came."),
        "signature": Field(text="Its signature; a thought without a right one is not believed."),
    },
    wire.Redacted: {"data": Field(text="Another service's thought; left out.")},
    wire.Use: {
        "id": Field(text="The id that the result repeats."),
        "name": Field(text="The tool's name."),
        "input": Field(text="Its arguments."),
    },
    wire.Result: {
        "tool_use_id": Field(text="Which call this is the result of."),
        "content": Field(text="The result."),
        "is_error": Field(text="Whether the call failed.", default=False),
    },
    wire.MidSystem: {
        "content": Field(text="A system text in mid-conversation.", schema={"anyOf": [{"type": "string"}, _TEXTS]})
    },
    wire.Tool: {
        "name": Field(text="How the model calls it.", pattern=f"^{TOOL_NAME}$", required=True),
        "type": Field(text="Tools are run by the client.", values=("custom",), default="custom"),
        "description": Field(text="What it does and when to call it."),
        "input_schema": Field(text="A JSON schema of its arguments.", required=True),
        "strict": Field(text="Whether arguments must satisfy the schema."),
    },
    wire.Choice: {
        "type": Field(text="`any` demands a call, `tool` the named one.", values=("auto", "any", "tool", "none")),
        "name": Field(text="With `tool`: which one."),
        "disable_parallel_tool_use": Field(text="Whether one answer may hold one call only.", default=False),
    },
    wire.Thinking: {
        "type": Field(text="`adaptive` leaves it to the model.", values=tuple(MODES)),
        "budget_tokens": Field(text="A thought that has spent them is closed, and the answer begins.", low=1),
        "display": Field(
            text="`omitted` leaves thoughts out; their signatures carry them.", values=("summarized", "omitted")
        ),
    },
    wire.Format: {
        "type": Field(text="JSON by a schema.", values=("json_schema",)),
        "schema": Field(text="The JSON schema.", required=True),
    },
    wire.OutputConfig: {
        "effort": Field(text="Tolerated."),
        "format": Field(text="JSON holds for certain, after the model has thought freely."),
    },
    wire.Metadata: {"user_id": Field(text="Your end user's id.")},
}
