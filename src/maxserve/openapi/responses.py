"""OpenAI's Responses."""

from __future__ import annotations

from typing import Any

from ..apis.openai_chat.rules import EFFORTS, TOP_LOGPROBS
from ..apis.responses import PATHS, ResponsesAdapter, stored, wire
from ..apis.responses import wire_response as form
from ..apis.responses.input import LOCAL, ROLES, TEXTS
from ..apis.responses.read import LOGPROBS, SEALED, TEMPERATURE, TOP_P
from .answer import AnswerForm, answers
from .examples import COOK, HAIKU, PARIS, PASTA, WEATHER, WEATHER_SCHEMA
from .faults import UNAUTHORIZED, fault_responses
from .field import Field, Fields
from .mounts import Mounts
from .operation import Operation, path_parameter
from .schema import Schemas, tag_of

_IN, _OUT = "Responses", "Response"
_NULL: dict[str, Any] = {"type": "null"}


def response_operations(mounts: Mounts, schemas: Schemas, error: dict[str, Any]) -> tuple[Operation, ...]:
    """Return the operations; `error` is the schema of errors in OpenAI's form."""
    whole, *frames = schemas.add_all((form.Response, *form.EVENTS), _OUT)
    own = AnswerForm(
        adapter=mounts.adapter(ResponsesAdapter),
        whole=whole,
        error=error,
        frames=tuple(frames),
        names=tuple(tag_of(event) for event in form.EVENTS),
    )
    return (
        Operation(
            id="createResponse",
            method="post",
            paths=mounts.paths(ResponsesAdapter),
            summary="Answer a conversation, as items",
            text="Takes what OpenAI's Responses API takes and keeps nothing: send the whole conversation every time. "
            "Tools that OpenAI's own service would run are passed over.",
            body=schemas.add(wire.ResponsesRequest, _IN, _request(schemas)),
            examples={
                "A question": {"model": "minimax/m2.7", "input": PARIS},
                "Streamed": {
                    "model": "minimax/m3",
                    "reasoning": {"effort": "medium"},
                    "stream": True,
                    "input": HAIKU,
                },
                "Instructions": {"model": "minimax/m2.7", "instructions": COOK, "input": PASTA},
                "A tool": {
                    "model": "minimax/m2.7",
                    "tools": [
                        {
                            "type": "function",
                            "name": "get_weather",
                            "description": "The weather in a city.",
                            "parameters": WEATHER_SCHEMA,
                        }
                    ],
                    "input": [{"role": "user", "content": WEATHER}],
                },
            },
            responses=answers([own]),
        ),
        *_stored(own),
    )


def _stored(own: AnswerForm) -> tuple[Operation, ...]:
    """What asks for a stored response: there are none, and clients that ask hear it."""
    one = path_parameter("response", "The id of a response.", "resp_000000000000000000000000")
    responses = fault_responses([((own.adapter, own.error), (*UNAUTHORIZED, stored("resp_0")))])
    paths = tuple(sorted((f"{path}/{{response}}" for path in PATHS), key=len))
    return tuple(
        Operation(
            id=f"{verb}Response",
            method=method,
            paths=tuple(path + below for path in paths),
            summary=f"{verb.capitalize()} a stored response",
            text="Nothing is stored, so there is none.",
            parameters=(one,),
            responses=responses,
        )
        for verb, method, below in (("retrieve", "get", ""), ("delete", "delete", ""), ("cancel", "post", "/cancel"))
    )


_TOOLS = ("function", "custom", "namespace")
_KINDS = (
    "message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
    "item_reference", *LOCAL, *(f"{kind}_output" for kind in LOCAL),
)  # fmt: skip


def _other(title: str, text: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Objects of any other type than `kinds`."""
    return {
        "title": title,
        "description": text,
        "type": "object",
        "properties": {"type": {"type": "string", "not": {"enum": list(kinds)}}},
        "required": ["type"],
    }


def _request(schemas: Schemas) -> Fields:
    def one_of(*kinds: tuple[type, str]) -> list[dict[str, Any]]:
        return [
            schemas.add(kind, _IN, _PARTS, tag=tag, name=_IN + "".join(word.title() for word in tag.split("_")))
            for kind, tag in kinds
        ]

    message = schemas.add(wire.Message, _IN, _PARTS)
    items = [
        message,
        *one_of(
            (wire.Reasoning, "reasoning"),
            (wire.FunctionCall, "function_call"),
            (wire.CallOutput, "function_call_output"),
            (wire.CustomCall, "custom_tool_call"),
            (wire.CallOutput, "custom_tool_call_output"),
        ),
    ]
    told = "Items of other kinds record what a vendor's own tool did; they are left out."
    items.append(schemas.keep(_other("ResponsesOtherItem", told, ("", *_KINDS))))
    tools = one_of((wire.FunctionTool, "function"), (wire.CustomTool, "custom"), (wire.Namespace, "namespace"))
    told = "Tools that a vendor's own service would run are passed over."
    tools.append(schemas.keep(_other("ResponsesOtherTool", told, _TOOLS)))
    choice = schemas.add(wire.Choice, _IN, _PARTS)
    text = schemas.add(wire.TextSettings, _IN, _PARTS)
    return {
        wire.ResponsesRequest: {
            "model": Field(text="Any name of a model.", least=1, required=True),
            "input": Field(
                text="The conversation: a user's text, or items.",
                required=True,
                schema={"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"anyOf": items}}]},
            ),
            "instructions": Field(text="The system prompt."),
            "tools": Field(
                text="Functions, tools that take free text, and namespaces of both.",
                schema={"type": ["array", "null"], "items": {"anyOf": tools}},
            ),
            "tool_choice": Field(
                text="Whether tools are called: `none`, `auto`, `required`, a named one, or one of `allowed_tools`.",
                schema={"anyOf": [{"type": "string", "enum": ["none", "auto", "required"]}, choice, _NULL]},
                default="auto",
            ),
            "parallel_tool_calls": Field(text="Whether one answer may hold several calls.", default=True),
            "max_output_tokens": Field(
                text="The most tokens to write, thinking and answer together; unset means as many as fit.", low=1
            ),
            "max_tool_calls": Field(text="Tolerated; it limits tools that a vendor's own service runs."),
            "temperature": Field(
                text="How freely tokens are drawn; unset means the model's own default.", range=TEMPERATURE
            ),
            "top_p": Field(text="Draw from the likeliest tokens that together have this probability.", range=TOP_P),
            "top_logprobs": Field(text="So many alternatives at each place.", range=TOP_LOGPROBS, default=0),
            "include": Field(
                text=f"What else the answer shows: `{LOGPROBS}` the log probabilities, `{SEALED}` thoughts "
                "that clients can send back. Other words are ignored.",
            ),
            "text": Field(text="The form of the answer.", schema={"anyOf": [text, _NULL]}),
            "reasoning": Field(text="Whether the model thinks first; absent means no. M2 always does."),
            "truncation": Field(text="Tolerated: nothing is cut."),
            "metadata": Field(text="Repeated in the answer."),
            "stream": Field(text="Send the answer as it is written, as server-sent events.", default=False),
            "background": Field(
                text="Refused if true.", default=False, schema={"anyOf": [{"type": "boolean", "const": False}, _NULL]}
            ),
            "previous_response_id": Field(text="Refused unless null: nothing is kept.", schema=_NULL),
            "conversation": Field(text="Refused unless null: nothing is kept.", schema=_NULL),
            "prompt": Field(text="Refused unless null: nothing is kept.", schema=_NULL),
            "user": Field(text="Your end user's id."),
            "safety_identifier": Field(text="Another name for `user`."),
            "prompt_cache_key": Field(text="Repeated in the answer; the prefix cache needs none."),
        },
        wire.ReasoningSettings: {
            "effort": Field(
                text="`none` turns thinking off where the model can do without; any other level turns it on.",
                values=tuple(EFFORTS),
            ),
            "summary": Field(text="Repeated in the answer; thoughts come whole."),
        },
    }


_PARTS: Fields = {
    wire.Message: {
        "role": Field(text="Who speaks; the special roles are MiniMax's.", values=(*sorted(ROLES), "assistant")),
        "content": Field(text="Text, or a list of parts."),
        "name": Field(text="Tells speakers of the same role apart."),
    },
    wire.Part: {
        "type": Field(text="What the part is.", values=(*sorted(TEXTS), "refusal", "input_image")),
        "text": Field(text="With the kinds of text: the text."),
        "refusal": Field(text="With `refusal`: an earlier refusal, read as text."),
        "image_url": Field(text="With `input_image`: an `https:` address or a `data:` URL."),
        "detail": Field(text="How closely to look."),
    },
    wire.Reasoning: {
        "content": Field(text="The thought, sent back as it came."),
        "summary": Field(text="Read as the thought where there is nothing else."),
        "encrypted_content": Field(text="The thought as this server sealed it."),
    },
    wire.Text: {"text": Field(text="The text.")},
    wire.FunctionCall: {
        "call_id": Field(text="The id that the output repeats."),
        "name": Field(text="The function's name."),
        "arguments": Field(text="JSON text."),
        "namespace": Field(text="The namespace it is of."),
    },
    wire.CustomCall: {
        "call_id": Field(text="The id that the output repeats."),
        "name": Field(text="The tool's name."),
        "input": Field(text="The text it was called with."),
        "namespace": Field(text="The namespace it is of."),
    },
    wire.CallOutput: {
        "output": Field(text="What the tool gave."),
        "call_id": Field(text="Which call it answers; absent means the last one."),
    },
    wire.FunctionTool: {
        "name": Field(text="How the model calls it: letters, digits or `_ . : / -`."),
        "description": Field(text="What it does and when to call it."),
        "parameters": Field(text="A JSON schema of its arguments."),
        "strict": Field(text="Whether arguments must satisfy the schema."),
    },
    wire.CustomTool: {
        "name": Field(text="How the model calls it."),
        "description": Field(text="What it does and when to call it."),
        "format": Field(text="The language of its text; told to the model, not enforced."),
    },
    wire.CustomFormat: {
        "type": Field(text="`text` or `grammar`."),
        "syntax": Field(text="The grammar's notation."),
        "definition": Field(text="The grammar."),
    },
    wire.Namespace: {
        "name": Field(text="Stands before its tools' names."),
        "tools": Field(text="Functions and tools that take free text."),
    },
    wire.Choice: {
        "type": Field(text="Which kind of choice this is.", values=("function", "custom", "allowed_tools")),
        "name": Field(text="With `function` and `custom`: which one."),
        "namespace": Field(text="The namespace it is of."),
        "mode": Field(text="With `allowed_tools`.", values=("none", "auto", "required"), default="auto"),
        "tools": Field(text="With `allowed_tools`: some of the tools, by type and name."),
    },
    wire.TextSettings: {"format": Field(text="The form.")},
    wire.Format: {
        "type": Field(
            text="Text, any JSON object, or JSON by a schema.", values=("text", "json_object", "json_schema")
        ),
        "name": Field(text="Your label for the schema."),
        "schema": Field(text="With `json_schema`: the JSON schema."),
        "description": Field(text="What the answer is for."),
        "strict": Field(text="Whether the answer must satisfy the schema.", default=True),
    },
}
