"""MiniMax's own API."""

from __future__ import annotations

from ..apis.minimax import MinimaxChatAdapter, MinimaxNativeAdapter
from ..apis.minimax.adapter import TIERS
from ..apis.openai_chat import wire
from ..config import Config
from .answer import answers
from .chat_request import REFUSED_PARTS, chat_request
from .examples import chat_examples
from .field import Field
from .forms import Forms
from .mounts import Mounts
from .operation import Operation, Part
from .schema import Schemas


def minimax_part(config: Config, mounts: Mounts, schemas: Schemas, forms: Forms) -> Part:
    """Return the part."""
    fields = dict(chat_request(config, mounts.adapter(MinimaxChatAdapter).rules))
    tier = Field(text="MiniMax's tiers; all requests are served alike.", values=TIERS, default="standard")
    fields[wire.ChatRequest] = {**fields[wire.ChatRequest], "service_tier": tier}
    body = schemas.add(wire.ChatRequest, "Chat", fields, name="MinimaxChatRequest", without=REFUSED_PARTS)
    return Part(
        name="MiniMax",
        text="For clients of MiniMax's own API. Thinking is a `<think>` block in the content unless a request says "
        "`reasoning_split: true`.",
        operations=(
            Operation(
                id="createMinimaxChatCompletion",
                method="post",
                paths=mounts.paths(MinimaxChatAdapter),
                summary="Answer a conversation, always in MiniMax's form",
                text="What `/v1/chat/completions` does for names like `MiniMax-M2.7`, whatever the model is called.",
                body=body,
                examples=chat_examples("MiniMax-M2.7", other="MiniMax-M3", limit="max_completion_tokens"),
                responses=answers([forms["minimax"]]),
            ),
            Operation(
                id="createMinimaxNativeCompletion",
                method="post",
                paths=mounts.paths(MinimaxNativeAdapter),
                summary="Answer a conversation as MiniMax's native endpoint",
                text="The same, but the status is always 200: errors are told by `base_resp`, whose `status_code` is 0 "
                "for an answer. A stream ends with the whole answer once more.",
                body=body,
                examples=chat_examples("MiniMax-M2.7", other="MiniMax-M3", limit="max_completion_tokens"),
                responses=answers([forms["native"]]),
            ),
        ),
    )
