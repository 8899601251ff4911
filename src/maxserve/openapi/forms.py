"""The forms in which chat completions are answered, one per flavour."""

from __future__ import annotations

from collections.abc import Mapping

from ..apis.cloudsway import CloudswayChatAdapter
from ..apis.cloudsway import wire_response as cloudsway
from ..apis.minimax import MinimaxChatAdapter, MinimaxNativeAdapter
from ..apis.minimax import wire_response as minimax
from ..apis.openai_chat import OpenAIChatAdapter
from ..apis.openai_chat import wire_response as chat
from ..apis.runware import RunwareChatAdapter
from ..apis.runware import wire_chat_response as runware
from .answer import AnswerForm
from .mounts import Mounts
from .schema import Schemas

Forms = Mapping[str, AnswerForm]
DONE = ("[DONE]",)


def chat_forms(schemas: Schemas, mounts: Mounts) -> Forms:
    """Return the forms by the flavour's name, and `native` for MiniMax's native path."""
    completion = schemas.add(minimax.Completion, "Minimax")
    chunk = schemas.add(minimax.Chunk, "Minimax", name="MinimaxCompletionChunk")
    error = schemas.add(chat.ErrorBody, "Chat", name="OpenAIError")
    return {
        "openai": AnswerForm(
            adapter=mounts.adapter(OpenAIChatAdapter),
            whole=schemas.add(chat.Completion, "Chat"),
            error=error,
            frames=(schemas.add(chat.Chunk, "Chat", name="ChatCompletionChunk"),),
            words=DONE,
        ),
        "minimax": AnswerForm(
            adapter=mounts.adapter(MinimaxChatAdapter),
            whole=completion,
            error=schemas.add(minimax.ErrorBody, "Minimax", name="MinimaxError"),
            frames=(chunk, completion),
            words=DONE,
        ),
        "native": AnswerForm(
            adapter=mounts.adapter(MinimaxNativeAdapter),
            whole=completion,
            error=schemas.add(minimax.NativeFault, "Minimax"),
            frames=(chunk, completion),
            words=DONE,
        ),
        "cloudsway": AnswerForm(
            adapter=mounts.adapter(CloudswayChatAdapter),
            whole=schemas.add(cloudsway.Completion, "Cloudsway"),
            error=error,
            frames=(schemas.add(cloudsway.Chunk, "Cloudsway", name="CloudswayCompletionChunk"),),
            words=DONE,
        ),
        "runware": AnswerForm(
            adapter=mounts.adapter(RunwareChatAdapter),
            whole=schemas.add(runware.RunwareCompletion, "Runware"),
            error=schemas.add(runware.RunwareChatError, "Runware"),
            frames=(schemas.add(runware.RunwareChunk, "Runware", name="RunwareCompletionChunk"),),
            words=DONE,
        ),
    }
