"""Reads a chat-completions body into the common language.

Every flavour of chat completions is read here; what they allow differs by their `ChatRules`. Fields that would change
the answer and cannot be honoured are refused by name; fields that only label or route a request at OpenAI (store,
metadata, service_tier, prediction, …) are tolerated.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ...chat import (
    ImagePart,
    InvalidRequest,
    JsonObject,
    JsonSchema,
    Message,
    Part,
    Request,
    ResponseFormat,
    Role,
    TextFormat,
    TextPart,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    Unsupported,
)
from ..sampling import check_sampling, sampling_of
from ..validation import at_least, at_most, invalid, required, within
from . import wire
from .content import refuse_image, require_words
from .rules import EFFORTS, MODES, ROLES, STOPS, TOOL_NAME, TOP_LOGPROBS, ChatRules

_decode = msgspec.json.Decoder(wire.ChatRequest).decode
_encode = msgspec.json.Encoder().encode
_PART_TYPE = re.compile(r"messages\[\d+\]\.content\[\d+\]\.type")
_NOTHING: tuple[Any, ...] = (None, [], {})
_tool_name = re.compile(TOOL_NAME).fullmatch


class ChatFields(msgspec.Struct, frozen=True):
    """A request and how its answer is to be written.

    `split` says where thinking goes: True into fields of its own, False as a `<think>` block into the content; None
    where the request does not say.
    """

    request: Request
    stream: bool = False
    include_usage: bool = False
    split: bool | None = None


def decode_chat(body: bytes) -> wire.ChatRequest:
    """Decode the body; raises `InvalidRequest`, which names the field."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _with_part_types(invalid(error)) from None


def chat_fields(asked: wire.ChatRequest, rules: ChatRules, key: str | None = None) -> ChatFields:
    """Check a decoded body by the rules of its flavour; raises `InvalidRequest` (naming the field), `Unsupported`."""
    model = rules.model or asked.model
    if not model:
        what = "is required" if asked.model is None else "must not be empty"
        raise InvalidRequest(f"The field 'model' {what}.", param="model")
    _refuse(asked)
    _check(asked, rules)
    tools, choice = _tools(asked)
    stream = bool(asked.stream)
    if asked.stream_options is not None and not stream:
        raise InvalidRequest("stream_options is only allowed when stream is true.", param="stream_options")
    limit = asked.max_completion_tokens if asked.max_completion_tokens is not None else asked.max_tokens
    return ChatFields(
        request=Request(
            model=model,
            messages=_messages(asked.messages),
            tools=tools,
            tool_choice=choice,
            parallel_tool_calls=asked.parallel_tool_calls is not False,
            response_format=_format(asked.response_format),
            sampling=sampling_of(asked, seed=asked.seed),
            max_tokens=limit,
            stop=stop_sequences(asked.stop),
            n=1 if asked.n is None else asked.n,
            logprobs=(asked.top_logprobs or 0) if asked.logprobs else None,
            thinking=_thinking(asked) or rules.thinking,
            thinking_budget=_budget(asked),
            mask=asked.mask_sensitive_info,
            mask_usual=rules.mask,
            key=key,
            user=asked.user or asked.safety_identifier,
        ),
        stream=stream,
        include_usage=bool(asked.stream_options and asked.stream_options.include_usage),
        split=asked.reasoning_split,
    )


def _with_part_types(error: InvalidRequest) -> InvalidRequest:
    """Say which content parts there are where an unknown one came: the decoder knows only that it is none of them."""
    if error.param is not None and _PART_TYPE.fullmatch(error.param):
        return InvalidRequest(f"The field '{error.param}' must be text or image_url.", param=error.param)
    return error


def _refuse(asked: wire.ChatRequest) -> None:
    """Refuse what would silently change the answer if it were ignored."""
    if asked.functions not in _NOTHING or asked.function_call not in _NOTHING:
        field = "function_call" if asked.functions in _NOTHING else "functions"
        raise Unsupported(f"'{field}' was replaced by 'tools' and 'tool_choice'; please use those.", param=field)
    if asked.logit_bias:
        raise Unsupported(
            "logit_bias is not supported: its token ids belong to one tokenizer, and the client cannot know which"
            " checkpoint answers.",
            param="logit_bias",
        )
    if asked.audio is not None or (asked.modalities and asked.modalities != ["text"]):
        field = "modalities" if asked.audio is None else "audio"
        raise Unsupported("Only text can be generated: modalities may only be ['text'].", param=field)


def _check(asked: wire.ChatRequest, rules: ChatRules) -> None:
    check_sampling(asked, temperature=rules.temperature, top_p=rules.top_p)
    within("top_logprobs", asked.top_logprobs, TOP_LOGPROBS)
    at_least("max_tokens", asked.max_tokens, 1)
    at_least("max_completion_tokens", asked.max_completion_tokens, 1)
    at_most("max_tokens", asked.max_tokens, rules.max_output)
    at_most("max_completion_tokens", asked.max_completion_tokens, rules.max_output)
    at_least("n", asked.n, 1)
    at_most("n", asked.n, rules.max_results)
    if asked.top_logprobs is not None and not asked.logprobs:
        raise InvalidRequest("top_logprobs is only allowed when logprobs is true.", param="top_logprobs")
    if not asked.messages:
        raise InvalidRequest("messages must hold at least one message.", param="messages")


def stop_sequences(stop: str | list[str] | None) -> tuple[str, ...]:
    """Check and return stop sequences: OpenAI takes up to four."""
    if stop is None:
        return ()
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    if len(stops) > STOPS:
        raise InvalidRequest(f"stop may hold up to {STOPS} sequences, but it has {len(stops)}.", param="stop")
    if "" in stops:
        raise InvalidRequest("A stop sequence must not be empty.", param="stop")
    return stops


def _messages(messages: list[wire.Message]) -> tuple[Message, ...]:
    read: list[Message] = []
    for i, message in enumerate(messages):
        if message.role not in ROLES:
            raise InvalidRequest(
                f"messages[{i}].role must be one of {', '.join(sorted(ROLES))}, not '{message.role}'.",
                param=f"messages[{i}].role",
            )
        if message.function_call not in _NOTHING:
            raise Unsupported("'function_call' was replaced by 'tool_calls'.", param=f"messages[{i}].function_call")
        role: Role = message.role  # type: ignore[assignment]
        content = message.content
        if not content and content != "":
            require_words(role, message.name, f"messages[{i}]")
        read.append(
            Message(
                role=role,
                content=content if type(content) is str else _parts(content, role, i) if content else "",  # type: ignore[arg-type]
                name=message.name,
                reasoning=_reasoning(message),
                tool_calls=_calls(message.tool_calls, i) if message.tool_calls else (),
                tool_call_id=message.tool_call_id,
            )
        )
    return tuple(read)


def _parts(parts: list[wire.Part], role: str, i: int) -> tuple[Part, ...]:
    read: list[Part] = []
    for j, part in enumerate(parts):
        match part:
            case wire.Text(text):
                read.append(TextPart(text))
            case wire.Refusal(refusal):
                read.append(TextPart(refusal))
            case wire.Image(image):
                refuse_image(role, f"messages[{i}].content[{j}]")
                url = image if isinstance(image, str) else image.url
                read.append(ImagePart(url, None if isinstance(image, str) else image.detail))
            case _:
                kind = part.__struct_config__.tag
                raise Unsupported(
                    f"messages[{i}].content[{j}]: parts of type '{kind}' are not supported; text and image_url are.",
                    param=f"messages[{i}].content[{j}].type",
                )
    return tuple(read)


def _reasoning(message: wire.Message) -> str:
    """The thought in whichever shape the client kept it (docs/wire/minimax.md §4.3)."""
    if message.reasoning_content:
        return message.reasoning_content
    if message.reasoning:
        return message.reasoning
    if message.reasoning_details:
        return "".join(detail.text or "" for detail in message.reasoning_details)
    return ""


def _calls(calls: list[wire.CalledTool], i: int) -> tuple[ToolCall, ...]:
    read: list[ToolCall] = []
    for j, call in enumerate(calls):
        arguments = call.function.arguments
        text = arguments if isinstance(arguments, str) else _encode(arguments or {}).decode()
        read.append(ToolCall(call.id or f"call_{i}_{j}", call.function.name, text))
    return tuple(read)


def _tools(asked: wire.ChatRequest) -> tuple[tuple[Tool, ...], ToolChoice]:
    tools: dict[str, Tool] = {}
    for i, tool in enumerate(asked.tools or ()):
        if tool.type != "function" or tool.function is None:
            raise Unsupported(
                f"tools[{i}] must be of type 'function' with a function, not '{tool.type}'.", param=f"tools[{i}].type"
            )
        function = tool.function
        if not _tool_name(function.name):
            raise InvalidRequest(
                f"tools[{i}].function.name must have 1 to 128 letters, digits or _ . : / -, not '{function.name}'.",
                param=f"tools[{i}].function.name",
            )
        if function.name in tools:
            raise InvalidRequest(f"Two tools are called '{function.name}'.", param=f"tools[{i}].function.name")
        tools[function.name] = Tool(
            function.name, function.description, function.parameters or {}, bool(function.strict)
        )
    choice = asked.tool_choice
    if choice is None:
        return tuple(tools.values()), ToolChoice("auto" if tools else "none")
    if isinstance(choice, str):
        return tuple(tools.values()), _mode(choice, tools)
    if choice.type == "allowed_tools" and choice.allowed_tools is not None:
        names = [tool.function.name for tool in choice.allowed_tools.tools if tool.function is not None]
        allowed = {name: tools[_known(name, tools)] for name in names}
        return tuple(allowed.values()), _mode(choice.allowed_tools.mode, allowed)
    if choice.type != "function" or choice.function is None:
        raise InvalidRequest(
            'tool_choice must be \'none\', \'auto\', \'required\' or {"type": "function", "function": {"name": …}}.',
            param="tool_choice",
        )
    return tuple(tools.values()), ToolChoice("named", _known(choice.function.name, tools))


def _mode(mode: str, tools: dict[str, Tool]) -> ToolChoice:
    if mode not in ("none", "auto", "required"):
        raise InvalidRequest(
            f"tool_choice must be 'none', 'auto', 'required' or a named function, not '{mode}'.", param="tool_choice"
        )
    if mode == "required" and not tools:
        raise InvalidRequest("tool_choice 'required' needs tools.", param="tool_choice")
    return ToolChoice(mode if tools else "none")  # type: ignore[arg-type]


def _known(name: str, tools: dict[str, Tool]) -> str:
    if name not in tools:
        raise InvalidRequest(f"tool_choice names '{name}', which is not among the tools.", param="tool_choice")
    return name


def _format(asked: wire.Format | None) -> ResponseFormat:
    if asked is None or asked.type == "text":
        return TextFormat()
    if asked.type == "json_object":
        return JsonObject()
    if asked.type == "json_schema":
        schema = asked.json_schema
        if schema is None or schema.schema is None:
            field = "response_format.json_schema" + ("" if schema is None else ".schema")
            raise required(field)
        return JsonSchema(schema.name, schema.schema, schema.description, schema.strict is not False)
    raise InvalidRequest(
        f"response_format.type must be text, json_object or json_schema, not '{asked.type}'.",
        param="response_format.type",
    )


def _thinking(asked: wire.ChatRequest) -> Thinking | None:
    """The thinking mode in whichever shape it came; MiniMax's own field wins (docs/wire/minimax.md §4.1, §15.6).

    Every shape is checked, the ones that lose, too.
    """
    found: list[Thinking] = []
    if asked.thinking is not None:
        found.append(_one_of(asked.thinking.type, "thinking.type"))
    if (arguments := asked.chat_template_kwargs) is not None:
        if arguments.thinking_mode is not None:
            found.append(_one_of(arguments.thinking_mode, "chat_template_kwargs.thinking_mode"))
        if arguments.enable_thinking is not None:
            found.append("enabled" if arguments.enable_thinking else "disabled")
    reasoning = asked.reasoning
    if isinstance(reasoning, str):
        found.append(_one_of(reasoning, "reasoning"))
    elif reasoning is not None and reasoning.enabled is not None:
        found.append("enabled" if reasoning.enabled else "disabled")
    if asked.reasoning_effort is not None:
        found.append(_effort(asked.reasoning_effort, "reasoning_effort"))
    if isinstance(reasoning, wire.Reasoning) and reasoning.effort is not None:
        found.append(_effort(reasoning.effort, "reasoning.effort"))
    if isinstance(reasoning, wire.Reasoning) and reasoning.max_tokens is not None:
        found.append("enabled")
    return found[0] if found else None


def _budget(asked: wire.ChatRequest) -> int | None:
    """How long the thought may be, as Anthropic's and OpenRouter's clients say it."""
    if asked.thinking is not None and asked.thinking.budget_tokens is not None:
        at_least("thinking.budget_tokens", asked.thinking.budget_tokens, 1)
        return asked.thinking.budget_tokens
    if isinstance(asked.reasoning, wire.Reasoning):
        at_least("reasoning.max_tokens", asked.reasoning.max_tokens, 1)
        return asked.reasoning.max_tokens
    return None


def _effort(effort: str, field: str) -> Thinking:
    if effort not in EFFORTS:
        raise InvalidRequest(f"{field} must be one of {', '.join(EFFORTS)}, not '{effort}'.", param=field)
    return EFFORTS[effort]


def _one_of(mode: str, field: str) -> Thinking:
    if mode not in MODES:
        raise InvalidRequest(f"{field} must be one of {', '.join(MODES)}, not '{mode}'.", param=field)
    return mode
