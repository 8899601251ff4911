"""Chat completions as OpenAI has them, and the path that all flavours share."""

from __future__ import annotations

from collections.abc import Mapping

from ..config import Config
from ..dialects.openai import OpenAIChat, wire
from .answer import Form, answers
from .answers import chat as form
from .chat_request import REFUSED_PARTS, chat_request
from .examples import chat_examples
from .operation import Operation, Part
from .schema import Schemas

PREFIX = "Chat"


def openai_form(schemas: Schemas) -> Form:
    """Return OpenAI's form of answers."""
    return Form(
        door=OpenAIChat(),
        whole=schemas.add(form.Completion, PREFIX),
        error=schemas.add(form.ErrorBody, PREFIX, name="OpenAIError"),
        frames=(schemas.add(form.Chunk, PREFIX, name="ChatCompletionChunk"),),
        words=("[DONE]",),
    )


def chat_part(config: Config, schemas: Schemas, forms: Mapping[str, Form]) -> Part:
    """Return the part; `forms` are those of all flavours by name."""
    rules = OpenAIChat().rules
    body = schemas.add(wire.ChatRequest, PREFIX, chat_request(config, rules), without=REFUSED_PARTS)
    shared = forms.values() if config.chat.flavour == "model" else [forms[config.chat.flavour]]
    common = Operation(
        id="createChatCompletion",
        method="post",
        paths=("/v1/chat/completions",),
        summary="Answer a conversation",
        text="Takes what OpenAI's API takes and answers in the same shapes, with MiniMax's thinking beside the answer. "
        "The model's name picks the form of the answer: `MiniMax-…` MiniMax's own, `MaaS_…` Cloudsway's, any other one "
        "OpenAI's.",
        body=body,
        examples=chat_examples("minimax/m2.7", other="minimax/m3"),
        responses=answers([*shared]),
    )
    own = Operation(
        id="createOpenAIChatCompletion",
        method="post",
        paths=("/openai/v1/chat/completions",),
        summary="Answer a conversation, always in OpenAI's form",
        text="The same, whatever the model is called.",
        body=body,
        examples=chat_examples("MiniMax-M2.7", other="MiniMax-M3"),
        responses=answers([forms["openai"]]),
    )
    return Part(name="OpenAI", text="For any client of OpenAI's API.", operations=(common, own))
