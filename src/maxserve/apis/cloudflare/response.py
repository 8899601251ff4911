"""Whole answers: MiniMax's envelope with what Cloudflare adds and leaves out (docs/wire/cloudflare.md §1)."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from ...chat import Completion as ChatCompletion
from ...chat import Usage as ChatUsage
from ..adapter import ResponseContext
from ..minimax import envelope, trace_id
from ..openai_chat.wire_response import CompletionDetails, PromptDetails
from .wire_response import Completion, GatewayMetadata, Usage

_encode = msgspec.json.Encoder().encode
METADATA = GatewayMetadata("Unified")


def chat_body(completion: ChatCompletion, reply: ResponseContext) -> bytes:
    """Return the bare body, as `/ai/v1/chat/completions` and the binding answer; thoughts have fields of their own."""
    model = reply.model
    body = envelope(
        completion,
        id=trace_id(reply.context),
        created=reply.context.created,
        model=model.name,
        family=model.family,
        split=True,
    )
    fields = msgspec.structs.asdict(body) | {"usage": usage_body(completion.usage, model.family)}
    return _encode(Completion(**fields, gateway_metadata=METADATA))


def enveloped(result: bytes) -> bytes:
    """Return a body inside the v4 envelope of success, as `/ai/run` answers."""
    return b'{"result":' + result + b',"success":true,"errors":[],"messages":[]}'


def usage_body(usage: ChatUsage, family: str) -> Usage:
    """Return the token counts: M2's details are the completion's, M3's the prompt's, in every published sample."""
    is_m3 = family == "m3"
    return Usage(
        total_tokens=usage.total,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        total_characters=0,
        completion_tokens_details=UNSET if is_m3 else CompletionDetails(usage.reasoning),
        prompt_tokens_details=PromptDetails(usage.cached) if is_m3 else UNSET,
    )
