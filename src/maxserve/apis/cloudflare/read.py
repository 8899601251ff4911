"""Reads chat inputs by Cloudflare's schema, in its order of checks and its words (docs/wire/cloudflare.md §2)."""

from __future__ import annotations

import math

import msgspec

from ...chat import InvalidRequest, Unsupported
from ..openai_chat import ChatFields, ChatRules, chat_fields
from ..openai_chat.rules import ROLES
from ..validation import Range
from . import wire
from .decode_errors import Malformed, beyond, in_range, missing, unfit
from .format import read_format
from .model_location import ModelRequest, decoded

_decoder = msgspec.json.Decoder(wire.ChatRequest)
_ENUM = "Invalid option: expected one of " + "|".join(f'"{role}"' for role in ("system", "user", "assistant", "tool"))
TOKENS = Range(0, 2**53 - 1, above=True)
RULES = ChatRules(temperature=Range(0, 1), top_p=Range(0, 1))


def read_inputs(opened: ModelRequest, key: str | None) -> ChatFields:
    """Return the chat request; raises `Malformed` for what the schema forbids, `Unsupported` for what nobody can do.

    What real clients send outside the schema is honoured, not refused: `tool_choice` "required" or a function, other
    response formats, MiniMax's special roles, and an assistant's null content beside its tool calls.
    """
    if not opened.inputs:
        raise missing(opened.at or "messages")
    asked = decoded(_decoder, opened.inputs, opened.at)
    prefix = f"{opened.at}." if opened.at else ""
    for i, message in enumerate(asked.messages):
        path = f"{prefix}messages[{i}]"
        if message.role not in ROLES:
            raise unfit(f"{path}.role", _ENUM)
        if message.content is None and not (message.role == "assistant" and message.tool_calls) and not message.name:
            raise missing(f"{path}.content")
    in_range(f"{prefix}temperature", asked.temperature, 0, 1)
    in_range(f"{prefix}top_p", asked.top_p, 0, 1)
    for name in ("max_tokens", "max_completion_tokens"):
        value: float | None = getattr(asked, name)
        in_range(prefix + name, value, 0, above=True)
        if value is not None:
            if not math.isfinite(value) or value >= 2**53:
                raise beyond(prefix + name, "Too big: expected number to be <9007199254740992")
            setattr(asked, name, max(1, int(value)))
    if asked.response_format is not None:
        asked.response_format = read_format(asked.response_format, prefix)  # type: ignore[assignment]
    if asked.stream_options is not None and not asked.stream:
        asked.stream_options = None  # the schema allows it anywhere
    try:
        return chat_fields(asked, msgspec.structs.replace(RULES, model=opened.model), key)
    except Malformed:
        raise
    except (Unsupported, InvalidRequest) as error:
        error.param = f"{prefix}{error.param}" if error.param else None
        raise
