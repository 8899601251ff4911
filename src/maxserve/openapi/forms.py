"""The forms in which chat completions are answered, one per flavour."""

from __future__ import annotations

from collections.abc import Mapping

from ..dialects.cloudsway import CloudswayChat
from ..dialects.minimax import MinimaxChat, MinimaxNative
from ..dialects.openai import OpenAIChat
from ..dialects.runware import RunwareChat
from .answer import Form
from .answers import chat, cloudsway, minimax, runware
from .mounts import Mounts
from .schema import Schemas

Forms = Mapping[str, Form]
DONE = ("[DONE]",)


def chat_forms(schemas: Schemas, mounts: Mounts) -> Forms:
    """Return the forms by the flavour's name, and `native` for MiniMax's native path."""
    completion = schemas.add(minimax.Completion, "Minimax")
    chunk = schemas.add(minimax.Chunk, "Minimax", name="MinimaxCompletionChunk")
    error = schemas.add(chat.ErrorBody, "Chat", name="OpenAIError")
    return {
        "openai": Form(
            door=mounts.door(OpenAIChat),
            whole=schemas.add(chat.Completion, "Chat"),
            error=error,
            frames=(schemas.add(chat.Chunk, "Chat", name="ChatCompletionChunk"),),
            words=DONE,
        ),
        "minimax": Form(
            door=mounts.door(MinimaxChat),
            whole=completion,
            error=schemas.add(minimax.ErrorBody, "Minimax", name="MinimaxError"),
            frames=(chunk, completion),
            words=DONE,
        ),
        "native": Form(
            door=mounts.door(MinimaxNative),
            whole=completion,
            error=schemas.add(minimax.NativeFault, "Minimax"),
            frames=(chunk, completion),
            words=DONE,
        ),
        "cloudsway": Form(
            door=mounts.door(CloudswayChat),
            whole=schemas.add(cloudsway.Completion, "Cloudsway"),
            error=error,
            frames=(schemas.add(cloudsway.Chunk, "Cloudsway", name="CloudswayCompletionChunk"),),
            words=DONE,
        ),
        "runware": Form(
            door=mounts.door(RunwareChat),
            whole=schemas.add(runware.RunwareCompletion, "Runware"),
            error=schemas.add(runware.RunwareChatError, "Runware"),
            frames=(schemas.add(runware.RunwareChunk, "Runware", name="RunwareCompletionChunk"),),
            words=DONE,
        ),
    }
