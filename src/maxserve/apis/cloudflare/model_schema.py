"""The JSON schemas of a model's input and output, as the catalogue shows them (docs/wire/cloudflare.md §1.4, §2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def _object(properties: Mapping[str, Any], required: Sequence[str], closed: bool = False) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict(properties), "required": list(required)}
    return {**schema, "additionalProperties": False} if closed else schema


def _const(value: str) -> dict[str, Any]:
    return {"type": "string", "const": value}


_STRING, _BOOLEAN, _NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "number"}
_COUNT = {"type": "number", "exclusiveMinimum": 0}
_UNIT = {"type": "number", "minimum": 0, "maximum": 1}
_PART = {
    "oneOf": [
        _object({"type": _const("text"), "text": _STRING}, ("type", "text"), closed=True),
        _object(
            {"type": _const("image_url"), "image_url": _object({"url": _STRING}, ("url",), closed=True)},
            ("type", "image_url"),
            closed=True,
        ),
    ]
}
_CALL = _object(
    {
        "id": _STRING,
        "type": _const("function"),
        "function": _object({"name": _STRING, "arguments": _STRING}, ("name", "arguments"), closed=True),
    },
    ("id", "type", "function"),
    closed=True,
)
INPUT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        {
            "messages": {
                "type": "array",
                "items": _object(
                    {
                        "role": {"type": "string", "enum": ["system", "user", "assistant", "tool"]},
                        "content": {"oneOf": [_STRING, {"type": "array", "items": _PART}]},
                        "name": _STRING,
                        "tool_calls": {"type": "array", "items": _CALL},
                    },
                    ("role", "content"),
                ),
            },
            "temperature": _UNIT,
            "top_p": _UNIT,
            "max_tokens": _COUNT,
            "max_completion_tokens": _COUNT,
            "stream": _BOOLEAN,
            "stream_options": _object({"include_usage": _BOOLEAN}, (), closed=True),
            "tools": {
                "type": "array",
                "items": _object(
                    {
                        "type": _const("function"),
                        "function": _object(
                            {"name": _STRING, "description": _STRING, "parameters": {}},
                            ("name", "description", "parameters"),
                            closed=True,
                        ),
                    },
                    ("type", "function"),
                    closed=True,
                ),
            },
            "tool_choice": {"type": "string", "enum": ["none", "auto"]},
            "response_format": _object(
                {
                    "type": _const("json_schema"),
                    "json_schema": _object(
                        {
                            "name": {"type": "string", "maxLength": 64},
                            "description": _STRING,
                            "schema": _object(
                                {"type": _const("object"), "properties": {}}, ("type", "properties"), closed=True
                            ),
                        },
                        ("name", "schema"),
                        closed=True,
                    ),
                },
                ("type", "json_schema"),
                closed=True,
            ),
            "mask_sensitive_info": _BOOLEAN,
        },
        ("messages",),
    ),
    "description": "A conversation in the form of OpenAI's chat completions.",
    "additionalProperties": True,
}
OUTPUT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        {
            "id": _STRING,
            "choices": {
                "type": "array",
                "items": _object(
                    {
                        "index": _NUMBER,
                        "message": _object({"role": _STRING, "content": _STRING}, ("role", "content")),
                        "finish_reason": {"type": "string", "enum": ["stop", "length", "tool_calls"]},
                    },
                    ("index", "message", "finish_reason"),
                ),
            },
            "created": _NUMBER,
            "model": _STRING,
            "object": {"type": "string", "enum": ["chat.completion", "chat.completion.chunk"]},
            "usage": _object(
                {"total_tokens": _NUMBER, "prompt_tokens": _NUMBER, "completion_tokens": _NUMBER},
                ("total_tokens", "prompt_tokens", "completion_tokens"),
            ),
            "input_sensitive": _BOOLEAN,
            "output_sensitive": _BOOLEAN,
            "base_resp": _object(
                {"status_code": _NUMBER, "status_msg": _STRING}, ("status_code", "status_msg"), closed=True
            ),
        },
        ("id", "choices", "created", "model", "object"),
    ),
    "description": "The next message of the conversation.",
    "additionalProperties": True,
}
