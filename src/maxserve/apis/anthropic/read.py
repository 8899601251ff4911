"""Reads a Messages body into the common language.

Fields that would change the answer and cannot be honoured are refused by name, except those that MiniMax's own endpoint
documents as ignored (docs/wire/minimax.md §7): mcp_servers, context_management and container.
"""

from __future__ import annotations

import re

import msgspec

from ...chat import (
    InvalidRequest,
    JsonSchema,
    Request,
    ResponseFormat,
    Sampling,
    TextFormat,
    Thinking,
    Tool,
    ToolChoice,
    Unsupported,
)
from ..validation import Range, at_least, invalid, required, within
from . import wire
from .errors import ThreadsUnsupported
from .signature import Signer
from .turns import messages

_decode = msgspec.json.Decoder(wire.MessagesRequest).decode
_TOOL_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
_TYPES = (
    (re.compile(r"messages\[\d+\]\.content\[\d+\]\.type"),
     "text, image, thinking, redacted_thinking, tool_use, tool_result or mid_conv_system"),
    (re.compile(r"messages\[\d+\]\.content\[\d+\]\.content\[\d+\]\.type"), "text or image"),
    (re.compile(r".*\.source\.type"), "base64 or url"),
    (re.compile(r"system\[\d+\]\.type"), "text"),
)  # fmt: skip
_GOT = re.compile(r"Invalid value ('.*')\.\Z", re.DOTALL)
MODES: dict[str, Thinking] = {
    "enabled": "enabled",
    "disabled": "disabled",
    "adaptive": "adaptive",
    "between_tools": "disabled",
}
TEMPERATURE = Range(0, 2)
TOP_P = Range(0, 1)
STOPS = 8191
"""The most stop sequences of one request, as Anthropic has it."""


class MessagesFields(msgspec.Struct, frozen=True):
    """A request and how its answer is to be written: `shown` says whether thoughts are, or only signed."""

    request: Request
    stream: bool = False
    shown: bool = True


def messages_fields(body: bytes, signer: Signer, key: str | None = None) -> MessagesFields:
    """Decode and check a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
    try:
        asked = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _with_types(invalid(error)) from None
    if not asked.model:
        raise InvalidRequest("The field 'model' must not be empty.", param="model")
    if asked.thread is not None:
        raise ThreadsUnsupported
    _check(asked)
    tools = _tools(asked.tools or [])
    choice = asked.tool_choice
    return MessagesFields(
        request=Request(
            model=asked.model,
            messages=messages(asked, signer),
            tools=tuple(tools.values()),
            tool_choice=_choice(choice, tools),
            parallel_tool_calls=not (choice is not None and choice.disable_parallel_tool_use),
            response_format=_format(asked),
            sampling=Sampling(temperature=asked.temperature, top_p=asked.top_p, top_k=asked.top_k),
            max_tokens=asked.max_tokens,
            stop=tuple(asked.stop_sequences or ()),
            thinking=_thinking(asked.thinking),
            thinking_budget=None if asked.thinking is None else asked.thinking.budget_tokens,
            key=key,
            user=asked.metadata.user_id if asked.metadata is not None else None,
        ),
        stream=bool(asked.stream),
        shown=asked.thinking is None or asked.thinking.display != "omitted",
    )


def _with_types(error: InvalidRequest) -> InvalidRequest:
    """Say which types there are where an unknown one came: the decoder knows only that it is none of them."""
    got = _GOT.search(error.message)
    for field, allowed in _TYPES if got and error.param else ():
        if got and field.fullmatch(error.param or ""):
            return InvalidRequest(f"{error.param} must be {allowed}, not {got[1]}.", param=error.param)
    return error


def _check(asked: wire.MessagesRequest) -> None:
    within("temperature", asked.temperature, TEMPERATURE)
    within("top_p", asked.top_p, TOP_P)
    at_least("top_k", asked.top_k, 0)
    at_least("max_tokens", asked.max_tokens, 1)
    stops = asked.stop_sequences or ()
    if len(stops) > STOPS:
        raise InvalidRequest(
            f"stop_sequences may hold up to {STOPS:,} sequences, but it has {len(stops):,}.", param="stop_sequences"
        )
    if "" in stops:
        raise InvalidRequest("A stop sequence must not be empty.", param="stop_sequences")


def _tools(asked: list[wire.Tool]) -> dict[str, Tool]:
    tools: dict[str, Tool] = {}
    for i, tool in enumerate(asked):
        if tool.type not in (None, "custom"):
            raise Unsupported(
                f"tools[{i}].type is '{tool.type}', but only tools that the client runs itself are supported here:"
                " type 'custom' with name and input_schema.",
                param=f"tools[{i}].type",
            )
        for field, value in (("name", tool.name), ("input_schema", tool.input_schema)):
            if value is None:
                raise required(f"tools[{i}].{field}")
        name = tool.name or ""
        if not _TOOL_NAME.fullmatch(name):
            raise InvalidRequest(
                f"tools[{i}].name must have 1 to 128 letters, digits or _ . : / -, not '{name}'.",
                param=f"tools[{i}].name",
            )
        if name in tools:
            raise InvalidRequest(f"Two tools are called '{name}'.", param=f"tools[{i}].name")
        tools[name] = Tool(name, tool.description, tool.input_schema or {}, bool(tool.strict))
    return tools


def _choice(asked: wire.Choice | None, tools: dict[str, Tool]) -> ToolChoice:
    if asked is None:
        return ToolChoice("auto" if tools else "none")
    if asked.type in ("auto", "none"):
        return ToolChoice("auto" if asked.type == "auto" and tools else "none")
    if asked.type == "any":
        if not tools:
            raise InvalidRequest("tool_choice 'any' needs tools.", param="tool_choice")
        return ToolChoice("required")
    if asked.type != "tool":
        raise InvalidRequest(
            f"tool_choice.type must be auto, any, tool or none, not '{asked.type}'.", param="tool_choice.type"
        )
    if asked.name is None:
        raise required("tool_choice.name")
    if asked.name not in tools:
        raise InvalidRequest(
            f"tool_choice.name is '{asked.name}', which is not among the tools.", param="tool_choice.name"
        )
    return ToolChoice("named", asked.name)


def _format(asked: wire.MessagesRequest) -> ResponseFormat:
    """The schema of the answer, in the field that holds it now or in the one that held it before."""
    config = asked.output_config
    field, form = "output_config.format", config.format if config is not None else None
    if form is None:
        field, form = "output_format", asked.output_format
    if form is None:
        return TextFormat()
    if form.type != "json_schema":
        raise InvalidRequest(f"{field}.type must be json_schema, not '{form.type}'.", param=f"{field}.type")
    if form.schema is None:
        raise required(f"{field}.schema")
    return JsonSchema("output", form.schema)


def _thinking(asked: wire.Thinking | None) -> Thinking:
    """The mode; omitted = disabled on this path (docs/wire/minimax.md §7). M2 thinks whatever is asked for."""
    if asked is None:
        return "disabled"
    if asked.display not in (None, "summarized", "omitted"):
        raise InvalidRequest(
            f"thinking.display must be summarized or omitted, not '{asked.display}'.", param="thinking.display"
        )
    at_least("thinking.budget_tokens", asked.budget_tokens, 1)
    if asked.type not in MODES:
        raise InvalidRequest(
            f"thinking.type must be one of {', '.join(MODES)}, not '{asked.type}'.", param="thinking.type"
        )
    return MODES[asked.type]
