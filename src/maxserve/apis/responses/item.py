"""The items of an output: a thought, a message, calls. Each returns JSON; `status` is that of the item alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ...chat import TokenLogprob
from ..openai_chat.usage import logprobs_body
from ..openai_chat.wire_response import TokenLogprob as WireLogprob
from .thought import Sealer
from .tools import Offer

_encode = msgspec.json.Encoder().encode


def reasoning(id: str, text: str | None, status: str, sealer: Sealer | None) -> bytes:
    """Return a thought; `text` None where it has not begun; `sealer` puts it into `encrypted_content` as well."""
    return _encode(
        {
            "id": id,
            "type": "reasoning",
            "summary": [],
            "content": [] if text is None else [{"type": "reasoning_text", "text": text}],
            "encrypted_content": sealer.seal(text) if sealer and text else None,
            "status": status,
        }
    )


def message(id: str, text: str | None, logprobs: Sequence[TokenLogprob], status: str) -> bytes:
    """Return a message; `text` None where it has not begun."""
    return _encode(
        {
            "id": id,
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [] if text is None else [output_text(text, logprobs)],
        }
    )


def output_text(text: str, logprobs: Sequence[TokenLogprob]) -> dict[str, Any]:
    """Return the one part of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": probabilities(logprobs)}


def probabilities(logprobs: Sequence[TokenLogprob]) -> list[WireLogprob]:
    """Return log probabilities; empty where none were asked for."""
    body = logprobs_body(tuple(logprobs)) if logprobs else None
    return body.content if body else []


def call(id: str, call_id: str, name: str, offer: Offer | None, text: str, status: str) -> bytes:
    """Return a call; `text` is the arguments of a function, the input of a custom tool.

    `offer` is what the client knows the tool by, None where the model called one that was not offered.
    """
    free = offer is not None and offer.custom
    item: dict[str, Any] = {
        "id": id,
        "type": "custom_tool_call" if free else "function_call",
        "status": status,
        "call_id": call_id,
        "name": name if offer is None else offer.name,
        "input" if free else "arguments": text,
    }
    if offer is not None and offer.namespace is not None:
        item["namespace"] = offer.namespace
    return _encode(item)


def item_id(kind: str, response: str, number: int) -> str:
    """Return the id of the item that stands at `number` in the output of the response with the hex id `response`."""
    return f"{kind}_{response}{number:04x}"


def call_kind(offer: Offer | None) -> str:
    """Return the prefix of a call's id."""
    return "ctc" if offer is not None and offer.custom else "fc"
