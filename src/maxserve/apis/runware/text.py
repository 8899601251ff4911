"""Reads a textInference into the common language (docs/wire/runware.md §3)."""

from __future__ import annotations

import re
import secrets

import msgspec

from ...catalogue import Model
from ...chat import (
    SEEDS,
    JsonObject,
    JsonSchema,
    Request,
    ResponseFormat,
    TextFormat,
    Thinking,
)
from ..sampling import sampling_of
from . import wire
from .decode_errors import fault, missing, must_be
from .errors import TaskError
from .messages import messages
from .tasks import TaskLimits, TextInference
from .tools import tools
from .words import Rule, rules

DEFAULT_TOKENS = 32_768
MAX_TOKENS = {"m2": 196_608}
"""The vendor's cap per family; another model's is the catalogue's."""

_decode = msgspec.json.Decoder(wire.TextTask).decode
_RULES = rules(wire.TextTask)
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_LEVELS: dict[str, Thinking] = {
    "none": "disabled",
    "off": "disabled",
    "low": "enabled",
    "medium": "enabled",
    "high": "enabled",
    "max": "enabled",
    "adaptive": "adaptive",
}


def text_inference(raw: bytes, uuid: str, model: object, limits: TaskLimits, key: str | None) -> TextInference:
    """Read one task whose UUID is known to be one; raises `TaskError` and `UnknownModel`."""
    if model is None:
        raise missing("model")
    if not isinstance(model, str) or not model:
        raise must_be("model", _RULES["model"])
    known = limits.catalogue.resolve(model)
    cap = min(MAX_TOKENS.get(known.family, known.max_output), known.max_output)
    tokens = Rule(f"an integer between 1 and {cap}")
    try:
        asked = _decode(raw)
    except msgspec.ValidationError as error:
        raise fault(error, {**_RULES, "settings.maxTokens": tokens, "maxTokens": tokens}) from None
    settings = _settings(asked)
    if settings.max_tokens is not None and settings.max_tokens > cap:
        raise must_be("maxTokens" if asked.max_tokens is not None else "settings.maxTokens", tokens)
    if asked.inputs and any(asked.inputs.values()):
        raise TaskError(
            "'inputs' is not supported: tasks are text here, in 'messages'.", "inputs", label="unsupportedParameter"
        )
    if asked.webhook_url is not None:
        _webhook(asked.webhook_url, limits)
    n = asked.number_results or 1
    seed = secrets.randbelow(SEEDS - n) if asked.seed is None else asked.seed
    called, choice = tools(asked, settings)
    format_ = _format(asked)
    return TextInference(
        uuid=uuid,
        id=uuid.lower(),
        model=known,
        request=Request(
            model=model,
            messages=messages(asked.messages, settings.system_prompt),
            tools=called,
            tool_choice=choice,
            response_format=format_,
            sampling=sampling_of(settings, seed=seed, repetition_penalty=settings.repetition_penalty),
            max_tokens=min(DEFAULT_TOKENS, cap) if settings.max_tokens is None else settings.max_tokens,
            stop=tuple(settings.stop_sequences or ()),
            n=n,
            thinking=_thinking(settings),
            mask=asked.mask_sensitive_info,
            key=key,
        ),
        delivery=asked.delivery_method or "sync",
        webhook=asked.webhook_url,
        include_cost=bool(asked.include_cost),
        include_usage=bool(asked.include_usage),
        seeds=(seed, *((seed + i) % SEEDS for i in range(1, n))),
        inline=_inline(settings, known, limits, plain=isinstance(format_, TextFormat)),
        raw=raw,
    )


def _settings(asked: wire.TextTask) -> wire.Settings:
    """The settings, with what stands beside them in the older flat form; both at once must say the same."""
    settings = asked.settings or wire.Settings()
    flat = {name: value for name in wire.FLAT if (value := getattr(asked, name)) is not None}
    if not flat:
        return settings
    for name, value in flat.items():
        nested = getattr(settings, name)
        if nested is not None and nested != value:
            field = _camel(name)
            raise TaskError(
                f"'{field}' and 'settings.{field}' differ: it belongs into 'settings' only.",
                field,
                f"settings.{field}",
            )
    return msgspec.structs.replace(settings, **flat)


def _format(asked: wire.TextTask) -> ResponseFormat:
    if asked.json_schema is None:
        return JsonObject() if asked.output_format == "JSON" else TextFormat()
    if asked.output_format == "TEXT":
        raise TaskError("'jsonSchema' needs 'outputFormat' to be 'JSON'.", "jsonSchema", "outputFormat")
    return JsonSchema("answer", asked.json_schema)


def _thinking(settings: wire.Settings) -> Thinking | None:
    """The mode in whichever of its three fields it came; several must agree."""
    found: dict[str, Thinking] = {}
    if settings.thinking_level is not None:
        found["settings.thinkingLevel"] = _LEVELS[settings.thinking_level]
    if isinstance(settings.thinking, bool):
        found["settings.thinking"] = "enabled" if settings.thinking else "disabled"
    elif settings.thinking is not None:
        found["settings.thinking"] = settings.thinking
    if settings.thinking_mode is not None:
        found["settings.thinkingMode"] = settings.thinking_mode
    modes = set(found.values())
    if "disabled" in modes and len(modes) > 1:
        named = " and ".join(f"'{path}'" for path in found)
        raise TaskError(f"{named} contradict each other.", *found)
    return next(iter(found.values()), None)


def _inline(settings: wire.Settings, model: Model, limits: TaskLimits, *, plain: bool) -> bool:
    """Whether thoughts go into the text: as the task says, else as configured, else as the vendor's models do.

    Unless the task says so they never go into JSON, which nobody could parse then.
    """
    if settings.split_thinking is not None:
        return not settings.split_thinking
    if not plain:
        return False
    return limits.reasoning == "inline" or (limits.reasoning == "model" and model.family == "m2")


def _webhook(url: str, limits: TaskLimits) -> None:
    if not _URL.fullmatch(url):
        raise TaskError("'webhookURL' must be an http or https URL.", "webhookURL")
    if limits.webhook is not None:
        try:
            limits.webhook(url)
        except ValueError as error:
            raise TaskError(f"'webhookURL' cannot be called: {error}", "webhookURL") from None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
