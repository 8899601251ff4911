"""Reads a Responses body into the common language.

Nothing is stored here, so what refers to stored things is refused: previous_response_id, conversation, prompt,
background work. Fields that only label, route or price a request at OpenAI are tolerated.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import (
    InvalidRequest,
    JsonObject,
    JsonSchema,
    Request,
    ResponseFormat,
    Sampling,
    TextFormat,
    Thinking,
    Unsupported,
)
from ..openai_chat.rules import TOP_LOGPROBS
from ..validation import Range, at_least, invalid, required, within
from . import wire
from .input import Origin, read_input
from .thought import Sealer
from .tools import Offer, as_, read_tools

_decode = msgspec.json.Decoder(wire.ResponsesRequest).decode
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
TEMPERATURE = Range(0, 2)
TOP_P = Range(0, 1)
LOGPROBS = "message.output_text.logprobs"
SEALED = "reasoning.encrypted_content"

_STATELESS = "This server keeps no responses: send the whole conversation in 'input' with every request."


class Fields(msgspec.Struct, frozen=True):
    """A request, and what its answer repeats or needs of it.

    `origins` belong to the request's messages, `offers` to its tools, by the names that the model knows.
    """

    asked: wire.ResponsesRequest
    request: Request
    origins: tuple[Origin, ...]
    offers: dict[str, Offer]
    sealed: bool


def read_body(body: bytes, sealer: Sealer, key: str | None = None) -> Fields:
    """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
    try:
        asked = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from None
    if not asked.model:
        what = "is required" if asked.model is None else "must not be empty"
        raise InvalidRequest(f"The field 'model' {what}.", param="model")
    _refuse(asked)
    within("temperature", asked.temperature, TEMPERATURE)
    within("top_p", asked.top_p, TOP_P)
    within("top_logprobs", asked.top_logprobs, TOP_LOGPROBS)
    at_least("max_output_tokens", asked.max_output_tokens, 1)
    placed = read_input(asked, sealer)
    tools = read_tools(asked)
    include = asked.include or ()
    return Fields(
        asked,
        Request(
            model=asked.model,
            messages=tuple(message for message, _ in placed),
            tools=tools.tools,
            tool_choice=tools.choice,
            parallel_tool_calls=asked.parallel_tool_calls is not False,
            response_format=_format(asked.text),
            sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p),
            max_tokens=asked.max_output_tokens,
            logprobs=(asked.top_logprobs or 0) if LOGPROBS in include or asked.top_logprobs else None,
            thinking=_thinking(asked.reasoning),
            key=key,
            user=asked.user or asked.safety_identifier,
        ),
        tuple(origin for _, origin in placed),
        {tool.name: offer for tool, offer in zip(tools.tools, tools.offers, strict=True)},
        SEALED in include,
    )


def _refuse(asked: wire.ResponsesRequest) -> None:
    for field in ("previous_response_id", "conversation"):
        if getattr(asked, field) is not None:
            raise Unsupported(_STATELESS, param=field)
    if asked.background:
        raise Unsupported(
            f"Nothing runs in the background here: ask with 'stream', or wait for the answer. {_STATELESS}",
            param="background",
        )
    if asked.prompt is not None:
        raise Unsupported("This server keeps no prompts: send the text in 'instructions' and 'input'.", param="prompt")


def _format(text: dict[str, Any] | None) -> ResponseFormat:
    form = as_(wire.TextSettings, text, "text").format if text else None
    if form is None or form.type == "text":
        return TextFormat()
    if form.type == "json_object":
        return JsonObject()
    if form.type == "json_schema":
        if form.schema is None:
            raise required("text.format.schema")
        return JsonSchema(form.name or "answer", form.schema, form.description, form.strict is not False)
    raise InvalidRequest(
        f"text.format.type must be text, json_object or json_schema, not '{form.type}'.", param="text.format.type"
    )


def _thinking(asked: wire.ReasoningSettings | None) -> Thinking:
    """Say whether to think: M3 does where an effort above none is asked for; M2 always does (docs/wire/minimax.md
    §8).
    """
    effort = asked.effort if asked is not None else None
    if effort is not None and effort not in _EFFORTS:
        raise InvalidRequest(
            f"reasoning.effort must be one of {', '.join(_EFFORTS)}, not '{effort}'.", param="reasoning.effort"
        )
    return "disabled" if effort in (None, "none") else "enabled"
