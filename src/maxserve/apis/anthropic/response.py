"""Writes a whole message."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Completion, CompletionChoice
from .signature import Signer
from .stop import stop_reason
from .usage import usage_body
from .wire_response import Content, Reply, SaidText, ThinkingBlock, ToolUse

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def message_body(completion: Completion, *, id: str, model: str, signer: Signer, shown: bool) -> bytes:
    """Return the body of a `message`, its blocks in the order in which a stream would bring them."""
    result = completion.results[0]
    return _encode(
        Reply(
            id=id,
            type="message",
            role="assistant",
            model=model,
            content=_content(result, signer, shown),
            stop_reason=stop_reason(result.reason, result.stop),
            stop_sequence=result.stop,
            usage=usage_body(completion.usage, "standard"),
        )
    )


def _content(result: CompletionChoice, signer: Signer, shown: bool) -> list[Content]:
    content: list[Content] = []
    thought = text = 0
    for call in result.calls:
        thoughts, texts, _ = call.before
        _prose(result.reasoning[thought:thoughts], result.text[text:texts], signer, shown, content)
        thought, text = thoughts, texts
        content.append(ToolUse(call.id, call.name, _decode(call.arguments or "{}")))
    _prose(result.reasoning[thought:], result.text[text:], signer, shown, content)
    return content


def _prose(thought: str, text: str, signer: Signer, shown: bool, content: list[Content]) -> None:
    """Add what stands between two calls: the model thinks, if it does, before it speaks."""
    if thought:
        signature = signer.sign(thought) if shown else signer.carry(thought)
        content.append(ThinkingBlock(thought if shown else "", signature))
    if text:
        content.append(SaidText(text))
