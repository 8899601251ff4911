"""OpenAI's API: chat completions, on the path that all flavours share and on its own."""

from __future__ import annotations

from ..apis.openai_chat import OpenAIChatAdapter, wire
from ..apis.registry import FLAVOURS
from ..apis.runware import RunwareChatAdapter
from ..apis.shared_chat import SharedChatAdapter
from ..config import Config
from .answer import answers
from .chat_request import REFUSED_PARTS, chat_request
from .examples import chat_examples
from .forms import Forms
from .mounts import Mounts
from .operation import Operation
from .schema import Schemas


def chat_operations(config: Config, mounts: Mounts, schemas: Schemas, forms: Forms) -> tuple[Operation, ...]:
    """Return the operations."""
    rules = mounts.adapter(OpenAIChatAdapter).rules
    body = schemas.add(wire.ChatRequest, "Chat", chat_request(config, rules), without=REFUSED_PARTS)
    flavours = _flavours(config)
    picked = (
        "The model's name picks the form of the answer: `MiniMax-…` MiniMax's own, `MaaS_…` Cloudsway's, "
        "`minimax:m2.7@0` and `minimax-m2-7` Runware's, any other one OpenAI's."
        if len(flavours) > 1
        else f"This server answers in the form of {flavours[0]}, whatever the model is called."
    )
    return (
        Operation(
            id="createChatCompletion",
            method="post",
            paths=mounts.paths(SharedChatAdapter),
            summary="Answer a conversation",
            text="Takes what OpenAI's API takes, with MiniMax's fields and thinking beside. " + picked,
            body=body,
            examples=chat_examples("minimax/m2.7", other="minimax/m3"),
            responses=answers([forms[name] for name in flavours]),
        ),
        Operation(
            id="createOpenAIChatCompletion",
            method="post",
            paths=mounts.paths(OpenAIChatAdapter),
            summary="Answer a conversation, always in OpenAI's form",
            text="The same, whatever the model is called.",
            body=body,
            examples=chat_examples("MiniMax-M2.7", other="MiniMax-M3"),
            responses=answers([forms["openai"]]),
        ),
        Operation(
            id="createRunwareChatCompletion",
            method="post",
            paths=mounts.paths(RunwareChatAdapter),
            summary="Answer a conversation, always in Runware's form",
            text="What `/v1/chat/completions` does for names like `minimax:m2.7@0`, whatever the model is called. Its "
            "usage tells the price.",
            body=body,
            examples=chat_examples("minimax:m2.7@0", other="minimax:m3@0"),
            responses=answers([forms["runware"]]),
        ),
    )


def _flavours(config: Config) -> list[str]:
    """The flavours in which the shared path may answer."""
    if config.chat.flavour == "model":
        return list(FLAVOURS)
    return list(dict.fromkeys([config.chat.flavour, *config.access_keys().flavours()]))
