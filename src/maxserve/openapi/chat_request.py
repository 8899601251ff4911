"""What the fields of a chat-completions request mean; every flavour takes the same ones, by rules of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from ..apis.openai_chat import ChatRules, wire
from ..apis.openai_chat.rules import EFFORTS, MODES, ROLES, STOPS, TOOL_NAME, TOP_LOGPROBS
from ..apis.validation import Range
from ..config import Config
from .field import Field, Fields
from .sampling import sampling_fields

REFUSED_PARTS = (wire.Audio, wire.File, wire.Video)
"""They are decoded to be refused by name."""
_NOTHING: dict[str, Any] = {"type": "null"}
_EMPTY: dict[str, Any] = {
    "anyOf": [_NOTHING, {"type": "array", "items": {}, "maxItems": 0}, {"type": "object", "maxProperties": 0}]
}
_MODES = tuple(MODES)


def chat_request(config: Config, rules: ChatRules, *, named: bool = True, also: str = "") -> Fields:
    """Return the fields by the rules of a flavour; `named` where the body must name the model.

    `also` is said of the ranges: on a path that flavours share the widest hold here.
    """
    output = None if rules.max_output is None else Range(1, rules.max_output)
    most = config.limits.max_n if rules.max_results is None else min(rules.max_results, config.limits.max_n)
    return {
        wire.ChatRequest: {
            "model": Field(
                text="Any name of a model (`GET /v1/models` lists them); case does not matter."
                + ("" if named else " The path may stand for it."),
                least=1 if named else None,
                required=named,
            ),
            "messages": Field(text="The conversation so far.", least=1),
            **sampling_fields(rules.temperature, rules.top_p, also),
            "max_completion_tokens": Field(
                text="The most tokens to write, thinking and answer together; unset means as many as fit.",
                low=1,
                range=output,
            ),
            "max_tokens": Field(
                text="The older name of `max_completion_tokens`, which wins over it.", low=1, range=output
            ),
            "n": Field(text="How many results of one prompt; it is read once.", range=Range(1, most), default=1),
            "stop": Field(
                text="What ends the visible answer, and is not part of it; it never cuts the thinking.",
                schema=stop_schema(),
            ),
            "logprobs": Field(text="Give the log probabilities of the visible answer's tokens.", default=False),
            "top_logprobs": Field(
                text="So many alternatives at each place; needs `logprobs: true`.", range=TOP_LOGPROBS, default=0
            ),
            "logit_bias": Field(
                text="Refused unless empty: token ids belong to one tokenizer, and no client knows whose.",
                most=0,
            ),
            "tools": Field(text="Functions that the model may call."),
            "tool_choice": Field(
                text="Whether tools are called: `none`, `auto`, `required` (at least one), or exactly the named one. "
                "Required and named calls hold for certain.",
                values=("none", "auto", "required"),
                default="auto",
            ),
            "parallel_tool_calls": Field(text="Whether one answer may hold several calls.", default=True),
            "response_format": Field(
                text="The form of the answer. JSON holds for certain, after the model has thought freely."
            ),
            "stream": Field(text="Send the answer as it is written, as server-sent events.", default=False),
            "stream_options": Field(text="Only with `stream: true`."),
            "user": Field(text="Your end user's id."),
            "safety_identifier": Field(text="Another name for `user`."),
            "reasoning_effort": Field(
                text="`none` turns thinking off where the model can do without; any other level turns it on.",
                values=tuple(EFFORTS),
            ),
            "reasoning": Field(text="The same as an object, or a thinking mode.", values=_MODES),
            "thinking": Field(text="Whether the model thinks first. M2 always does."),
            "reasoning_split": Field(
                text="Where thinking goes: into fields of its own, or not"
                + (" (then it is a `<think>` block in the content)." if rules.split else "."),
                default=rules.split,
            ),
            "chat_template_kwargs": Field(text="Thinking modes as vLLM and SGLang take them."),
            "modalities": Field(text="Only text can be generated.", most=1, items=Field(text="", values=("text",))),
            "audio": Field(text="Refused unless null: only text can be generated.", schema=_NOTHING),
            "mask_sensitive_info": Field(
                text="Mask e-mail addresses, telephone numbers and the like in the answer.",
                default=msgspec.UNSET if rules.mask is None else rules.mask,
            ),
            "service_tier": Field(text="Tolerated; there is one tier."),
            "functions": Field(text="Refused unless empty: replaced by `tools`.", schema=_EMPTY),
            "function_call": Field(text="Refused unless empty: replaced by `tool_choice`.", schema=_EMPTY),
        },
        wire.Message: {
            "role": Field(
                text="Who speaks. `user_system`, `group`, `sample_message_user` and `sample_message_ai` are MiniMax's: "
                "who the user is, the name of a group, and sample turns.",
                values=tuple(sorted(ROLES)),
            ),
            "content": Field(text="Text, or a list of parts."),
            "name": Field(text="Tells speakers of the same role apart."),
            "tool_calls": Field(text="The calls of an assistant's turn, sent back as they came."),
            "tool_call_id": Field(text="Which call a message of role `tool` answers."),
            "reasoning_content": Field(text="The thinking of an assistant's turn, sent back as it came."),
            "reasoning": Field(text="The same under another server's name."),
            "reasoning_details": Field(text="The same in MiniMax's list."),
            "function_call": Field(text="Refused unless empty: replaced by `tool_calls`.", schema=_EMPTY),
        },
        wire.Text: {"text": Field(text="The text.")},
        wire.Refusal: {"refusal": Field(text="An earlier answer's refusal; read as text.")},
        wire.Image: {"image_url": Field(text="A picture, for models that can see.")},
        wire.ImageUrl: {
            "url": Field(text="An `https:` address or a `data:` URL."),
            "detail": Field(text="How closely to look: `low`, `high` or `auto`."),
        },
        wire.CalledTool: {
            "id": Field(text="The id that the answer to the call repeats."),
            "type": Field(text="`function`."),
            "function": Field(text="What is called."),
        },
        wire.CalledFunction: {
            "name": Field(text="The function's name."),
            "arguments": Field(text="Its arguments, as JSON text or as an object."),
        },
        wire.ReasoningDetail: {"text": Field(text="A piece of the thinking.")},
        wire.Tool: {
            "type": Field(text="Tools are functions.", values=("function",)),
            "function": Field(text="The function.", required=True),
        },
        wire.Function: {
            "name": Field(text="How the model calls it.", pattern=f"^{TOOL_NAME}$"),
            "description": Field(text="What it does and when to call it."),
            "parameters": Field(text="A JSON schema of its arguments."),
            "strict": Field(text="Whether arguments must satisfy the schema."),
        },
        wire.Choice: {
            "type": Field(text="Which kind of choice this is.", values=("function", "allowed_tools")),
            "function": Field(text="With `function`: the one to call."),
            "allowed_tools": Field(text="With `allowed_tools`: the ones that may be called."),
        },
        wire.NamedFunction: {"name": Field(text="One of the tools.")},
        wire.AllowedTools: {
            "mode": Field(text="Whether one of them must be called.", values=("none", "auto", "required")),
            "tools": Field(text="Some of the tools, by name."),
        },
        wire.Format: {
            "type": Field(
                text="Text, any JSON object, or JSON by a schema.", values=("text", "json_object", "json_schema")
            ),
            "json_schema": Field(text="With `json_schema`: the schema and its name."),
        },
        wire.Schema: {
            "name": Field(text="Your label for it."),
            "schema": Field(text="The JSON schema.", required=True),
            "description": Field(text="What the answer is for."),
            "strict": Field(text="Whether the answer must satisfy the schema.", default=True),
        },
        wire.StreamOptions: {
            "include_usage": Field(text="Send one more frame at the end, with the token counts.", default=False)
        },
        wire.Thinking: {
            "type": Field(text="`adaptive` leaves it to the model.", values=_MODES),
            "budget_tokens": Field(text="A thought that has spent them is closed, and the answer begins.", low=1),
        },
        wire.Reasoning: {
            "effort": Field(text="As `reasoning_effort`.", values=tuple(EFFORTS)),
            "enabled": Field(text="Whether the model thinks first."),
            "max_tokens": Field(text="As `thinking.budget_tokens`.", low=1),
        },
        wire.TemplateArguments: {
            "thinking_mode": Field(text="The thinking mode.", values=_MODES),
            "enable_thinking": Field(text="Whether the model thinks first."),
        },
    }


def stop_schema() -> dict[str, Any]:
    """Return what `stop` may be."""
    text = {"type": "string", "minLength": 1}
    return {"anyOf": [text, {"type": "array", "maxItems": STOPS, "items": text}, _NOTHING]}
