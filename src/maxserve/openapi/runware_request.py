"""The tasks that Runware's native paths take, each with its fields."""

from __future__ import annotations

from typing import Any

import msgspec

from ..apis.runware import wire
from ..config import Config
from .field import Field, Fields
from .schema import Schemas

UUID4 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"

_KIND = "What kind it is."
_NEW = Field(text="A UUID v4, used for no other task.", pattern=UUID4)


def task_schemas(config: Config, schemas: Schemas) -> dict[str, dict[str, Any]]:
    """Return a reference to each task's schema, by its type."""

    def add(struct: type, name: str, fields: Fields, kind: str) -> dict[str, Any]:
        return schemas.add(struct, "RunwareTask", fields, name=name, tag=kind, tag_field="taskType")

    asked = {
        "textInference": schemas.add(wire.TextTask, "RunwareTask", _text(config), name="RunwareTextInference"),
        "getResponse": schemas.keep(_about("getResponse", "How a task stands: nothing of it yet, or all.")),
        "getTaskDetails": schemas.keep(_about("getTaskDetails", "What a task was, and what came of it.")),
        "modelSearch": add(wire.SearchTask, "RunwareModelSearch", {wire.SearchTask: _SEARCH}, "modelSearch"),
        "accountManagement": add(
            wire.AccountTask,
            "RunwareAccountManagement",
            {wire.AccountTask: {"taskUUID": _NEW, "operation": Field(text="Who calls, and what they used.")}},
            "accountManagement",
        ),
        "authentication": add(
            wire.AuthenticationTask, "RunwareAuthentication", {wire.AuthenticationTask: _KEY}, "authentication"
        ),
        "ping": schemas.keep(_PING),
    }
    for kind, text in _TEXTS.items():
        schemas.found[asked[kind]["$ref"].rpartition("/")[2]]["description"] = text
    return asked


def _about(kind: str, text: str) -> dict[str, Any]:
    return {
        "title": f"Runware{kind[0].upper()}{kind[1:]}",
        "description": text,
        "type": "object",
        "properties": {
            "taskType": {"description": _KIND, "type": "string", "enum": [kind]},
            "taskUUID": {
                "description": "The UUID of the task that is asked about.",
                "type": "string",
                "pattern": UUID4,
            },
        },
        "required": ["taskType", "taskUUID"],
    }


_PING: dict[str, Any] = {
    "title": "RunwarePing",
    "description": "A sign of life is wanted.",
    "type": "object",
    "properties": {
        "taskType": {"description": _KIND, "type": "string", "enum": ["ping"]},
        "ping": {"description": "True, as clients send it."},
    },
    "required": ["taskType"],
}
_TEXTS = {
    "textInference": "Answers a conversation.",
    "modelSearch": "Which models there are.",
    "accountManagement": "Who calls.",
    "authentication": "The key, where it is in no header.",
}
_KEY = {
    "apiKey": Field(text="The key."),
    "connectionSessionUUID": Field(text="The session to go on with, over a WebSocket."),
}
_SEARCH = {
    "taskUUID": _NEW,
    "search": Field(text="A part of a name."),
    "source": Field(text="All models here are `official`."),
    "category": Field(text="All models here are `checkpoint`."),
    "architecture": Field(text="`minimax-m2` or `minimax-m3`."),
    "capabilities": Field(text="All models here have `text-to-text`."),
    "visibility": Field(text="All models here are `public`."),
    "limit": Field(text="How many at most.", default=20),
    "offset": Field(text="How many to pass over.", default=0),
    "sort": Field(text="`name`, `addedUnixTimestamp` or `updatedDateUnixTimestamp`; with `-` before it backwards."),
}


def _text(config: Config) -> Fields:
    thoughts = {
        "model": "a field for M3, the text for M2.x",
        "inline": "the text",
        "field": "a field",
    }[config.runware.reasoning]
    sampled = _sampled()
    flat = {
        name: msgspec.structs.replace(field, text=f"{field.text} The older place; `settings` is the one to use.")
        for name, field in sampled.items()
        if name in ("systemPrompt", "temperature", "topP", "topK", "maxTokens", "stopSequences")
    }
    return {
        wire.TextTask: {
            "taskType": Field(text=_KIND),
            "taskUUID": _NEW,
            "model": Field(text="Its AIR name (`minimax:m2.7@0`), slug, or any other name."),
            "messages": Field(text="The conversation; the last message asks."),
            "deliveryMethod": Field(
                text="`sync`: answered when it is done. `async`: accepted at once. `stream`: as it comes."
            ),
            "webhookURL": Field(text="Where each result is sent.", pattern=r"^[hH][tT][tT][pP][sS]?://[^\s/?#]+\S*$"),
            "includeCost": Field(text="Whether results say what they cost."),
            "includeUsage": Field(text="Whether results say how many tokens they took."),
            "numberResults": Field(text="How many results, each with a seed of its own.", default=1),
            "seed": Field(text="Draws the first result; the next ones have the next seeds. Random where it is absent."),
            "outputFormat": Field(text="`JSON` makes the answer JSON for certain.", default="TEXT"),
            "jsonSchema": Field(text="With `outputFormat` `JSON`: the schema that the answer keeps."),
            "settings": Field(text="How the answer is drawn."),
            "tools": Field(text="What the model may call."),
            "toolChoice": Field(text="Whether and what it must call; `auto` where there are tools."),
            "inputs": Field(text="Nothing: tasks are text here."),
            "providerSettings": Field(text="Tolerated."),
            "routing": Field(text="Tolerated."),
            "maskSensitiveInfo": Field(text="Mask sensitive information in the answer; maxserve's own field."),
            **flat,
        },
        wire.Message: {
            "role": Field(text="Who speaks; text for the system goes into `settings.systemPrompt`."),
            "content": Field(text="What is said; an assistant's may be missing where it calls tools."),
            "id": Field(text="Of a tool's message: the call that it answers."),
            "tools": Field(text="Of an assistant's message: the calls that it made."),
        },
        wire.CalledTool: {
            "id": Field(text="The call's id."),
            "name": Field(text="The tool."),
            "input": Field(text="The call's arguments."),
        },
        wire.Settings: {
            **sampled,
            "minP": Field(text="Leaves out what is less likely than this share of the likeliest."),
            "presencePenalty": Field(text="Against what was said before.", default=0.0),
            "frequencyPenalty": Field(text="Against what was said often.", default=0.0),
            "repetitionPenalty": Field(text="Above 1: against repetition.", default=1.0),
            "thinkingLevel": Field(
                text="`none` and `off` think not at all, `adaptive` as the model likes, all else does."
            ),
            "thinking": Field(text="The same, as true or false or in words."),
            "thinkingMode": Field(text="The same, in words."),
            "splitThinking": Field(
                text=f"Whether thinking is in `reasoningContent`, not in the text. Else: {thoughts}."
            ),
            "cache": Field(text="Tolerated: prompts are always cached."),
            "tools": Field(text="The older place of the task's own `tools`."),
            "toolChoice": Field(text="The older place of the task's own `toolChoice`."),
        },
        wire.Cache: {"scope": Field(text="Tolerated."), "ttl": Field(text="Tolerated.")},
        wire.Tool: {
            "name": Field(text="1 to 128 letters, digits or _ . : / - characters."),
            "description": Field(text="What it does, for the model."),
            "schema": Field(text="The JSON schema of its arguments."),
        },
        wire.Choice: {
            "type": Field(text="`any`: some tool. `tool`: the named one. `none`: no tool."),
            "name": Field(text="With `tool`: which one."),
        },
    }


def _sampled() -> dict[str, Field]:
    return {
        "systemPrompt": Field(text="What the model is told before the conversation."),
        "temperature": Field(text="0: always the likeliest word.", default=1.0),
        "topP": Field(text="Only the likeliest words that make up this share.", default=0.95),
        "topK": Field(text="Only so many of the likeliest words."),
        "maxTokens": Field(text="The most tokens to write, thinking and answer together.", default=32_768),
        "stopSequences": Field(text="Texts at which the answer ends; they are not part of it."),
    }
