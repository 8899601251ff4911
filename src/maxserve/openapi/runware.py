"""Runware's native API: arrays of tasks by POST and over a WebSocket, and what is sent to webhooks."""

from __future__ import annotations

from typing import Any

from ..apis.runware import RunwareErrorAdapter, conflict
from ..apis.runware import wire_response as form
from ..config import Config
from .answer import AnswerForm, answers
from .examples import HAIKU, PARIS, WEATHER, WEATHER_SCHEMA, user
from .faults import GENERATING
from .forms import DONE
from .operation import Operation, Part
from .runware_request import task_schemas
from .schema import Schemas

PATHS = ("/v1", "/", "/runware", "/runware/v1")
"""Where tasks are taken, by POST and over a WebSocket."""

_PREFIX = "RunwareItem"
_ITEMS = (form.TextResult, form.Accepted, form.Processing, form.Found, form.Account, form.Authenticated, form.Pong)
_UUIDS = tuple(f"0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c{number:02x}" for number in range(16))
_TEXT = (
    "Takes an array of tasks, which are done side by side; what is wrong with one does not stop the others. Without a "
    "key in the headers the first task may be an `authentication`. The same path takes WebSockets, whose frames are "
    "the same arrays and objects; there the first task must be an `authentication` where the server wants keys. A task "
    "with `deliveryMethod` `stream` must stand alone, and is answered with server-sent events."
)


def runware_part(config: Config, schemas: Schemas) -> Part:
    """Return the part."""
    items = [schemas.add(kind, _PREFIX) for kind in _ITEMS]
    issue = schemas.add(form.Issue, _PREFIX)
    asked = task_schemas(config, schemas)
    items.append(schemas.keep(_details(items, issue)))
    native = AnswerForm(
        adapter=RunwareErrorAdapter("textInference", _UUIDS[0]),
        whole=schemas.keep(_frame("RunwareFrame", "What came of the tasks.", items, issue)),
        error=schemas.add(form.Failed, _PREFIX),
        frames=(schemas.add(form.Chunk, _PREFIX),),
        words=DONE,
    )
    tasks = Operation(
        id="runTasks",
        method="post",
        paths=PATHS,
        summary="Run tasks",
        text=_TEXT,
        parameters=_PARAMETERS,
        body={
            "type": "array",
            "minItems": 1,
            "maxItems": config.runware.max_tasks,
            "items": {"oneOf": list(asked.values()), "discriminator": _discriminator(asked)},
        },
        examples=_examples(),
        responses=answers([native], (*GENERATING, conflict(_UUIDS[0]))),
        keyless=True,
        socket=True,
    )
    return Part(
        name="Runware",
        text="For clients of Runware's task API, over HTTP and over WebSocket. Tasks are kept in the database, and "
        "their results can be asked for until they expire.",
        operations=(tasks,),
        webhooks=(_webhook(items[0], issue),),
    )


def _frame(title: str, text: str, items: list[dict[str, Any]], issue: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "description": text,
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"anyOf": items}},
            "errors": {"description": "Never empty.", "type": "array", "minItems": 1, "items": issue},
        },
        "additionalProperties": False,
    }


def _details(items: list[dict[str, Any]], issue: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "RunwareDetails",
        "description": "What a task was, and what came of it.",
        "type": "object",
        "properties": {
            "taskType": {"type": "string", "enum": ["getTaskDetails"]},
            "taskUUID": {"description": "The task's UUID, as it was sent.", "type": "string"},
            "request": {
                "description": "The task as it was sent, masked where its answer is.",
                "type": "array",
                "items": {"type": "object"},
            },
            "response": _frame("RunwareResponse", "What came of it.", [items[0], items[2]], issue),
        },
        "required": ["taskType", "taskUUID", "request", "response"],
        "additionalProperties": False,
    }


def _discriminator(asked: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"propertyName": "taskType", "mapping": {name: schema["$ref"] for name, schema in asked.items()}}


def _webhook(result: dict[str, Any], issue: dict[str, Any]) -> Operation:
    return Operation(
        id="runwareResult",
        method="post",
        paths=("runwareResult",),
        summary="A result, sent to a task's webhookURL",
        text="One request per result, or one where the task failed. Answer 2xx in time; anything else is tried again, "
        "under the same `webhook-id`.",
        parameters=_SIGNED,
        body={"anyOf": [result, issue]},
        responses={"2XX": {"description": "It has arrived."}, "410": {"description": "Send no more to this address."}},
        open=True,
    )


def _header(name: str, text: str, *, required: bool = False, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    header = {"name": name, "in": "header", "description": text, "schema": schema or {"type": "string"}}
    return header | {"required": True} if required else header


_PARAMETERS = (
    _header(
        "X-Runware-Dry-Run",
        "`1`: tasks are checked and priced, and none is run; each result is empty, with the prompt's tokens and the "
        "highest cost there can be.",
    ),
    {
        "name": "dryRun",
        "in": "query",
        "description": "`1`: the same, said in the address.",
        "schema": {"type": "string"},
    },
)
_SIGNED = (
    _header("webhook-id", "The delivery's id, the same on every attempt.", required=True),
    _header("webhook-timestamp", "Unix seconds of the attempt.", required=True),
    _header("webhook-signature", "`v1,…` by Standard Webhooks, one per secret; only where secrets are configured."),
)


def _task(number: int, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "taskType": "textInference",
        "taskUUID": _UUIDS[number],
        "model": "minimax:m2.7@0",
        "messages": [user(text)],
        **fields,
    }


def _examples() -> dict[str, Any]:
    tool = {
        "type": "function",
        "name": "get_weather",
        "description": "The weather in a city.",
        "schema": WEATHER_SCHEMA,
    }
    schema = {
        "type": "object",
        "properties": {"capital": {"type": "string"}, "country": {"type": "string"}},
        "required": ["capital", "country"],
    }
    settings = {"systemPrompt": "Answer briefly.", "temperature": 0.7, "topP": 0.95, "maxTokens": 2048}
    return {
        "A question": [_task(0, PARIS, settings=settings, includeCost=True, includeUsage=True)],
        "Two results": [_task(1, HAIKU, numberResults=2, seed=7, includeCost=True)],
        "Streamed": [_task(2, HAIKU, deliveryMethod="stream", includeUsage=True)],
        "Accepted at once": [_task(3, PARIS, deliveryMethod="async")],
        "Asked for later": [{"taskType": "getResponse", "taskUUID": _UUIDS[3]}],
        "A tool": [_task(4, WEATHER, tools=[tool], toolChoice={"type": "auto"})],
        "JSON by a schema": [_task(5, PARIS, outputFormat="JSON", jsonSchema=schema)],
        "Several tasks": [
            _task(6, PARIS),
            {"taskType": "modelSearch", "taskUUID": _UUIDS[7], "search": "m3"},
            {"taskType": "ping", "ping": True},
        ],
    }
