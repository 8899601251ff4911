"""Which branch of a model's schema inputs are in: chat completions, or Anthropic's Messages (docs/wire/cloudflare.md
§2.2).

The vendor's schema is a `oneOf` of both and names no mark. What the chat branch forbids or has in another form is one:
a `system` beside the messages, `stop_sequences`, a tool with `input_schema`, a part of a kind that only Messages have.
Inputs that fit both are a chat's.
"""

from __future__ import annotations

from typing import Any

import msgspec

_PARTS = frozenset({"image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"})


class _Tool(msgspec.Struct):
    input_schema: msgspec.Raw = msgspec.Raw()


class _Part(msgspec.Struct):
    type: str = ""


class _Message(msgspec.Struct):
    content: msgspec.Raw = msgspec.Raw()


class _Inputs(msgspec.Struct):
    system: msgspec.Raw = msgspec.Raw()
    stop_sequences: msgspec.Raw = msgspec.Raw()
    tools: list[_Tool] | None = None
    messages: list[_Message] | None = None


_inputs = msgspec.json.Decoder(_Inputs).decode
_parts = msgspec.json.Decoder(list[_Part]).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def are_messages(inputs: bytes) -> bool:
    """Return whether inputs are in the Messages branch; what cannot be read is not, and the chat's reader says why."""
    try:
        asked = _inputs(inputs)
        if bytes(asked.system) or bytes(asked.stop_sequences):
            return True
        if any(bytes(tool.input_schema) for tool in asked.tools or ()):
            return True
        contents = (bytes(message.content) for message in asked.messages or ())
        return any(_PARTS.intersection(_kinds(content)) for content in contents if content.startswith(b"["))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def named(inputs: bytes, model: str) -> bytes:
    """Return the body of a Messages request: the inputs with the model's name among them."""
    fields: dict[str, Any] = _fields(inputs)
    return _encode({**fields, "model": model})


def _kinds(content: bytes) -> list[str]:
    return [part.type for part in _parts(content)]
