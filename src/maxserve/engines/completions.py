"""OpenAI's `/v1/completions` as vLLM, SGLang, llama-server and hosted services speak it.

Sources: vLLM 0.32 (vllm/entrypoints/openai/completion/protocol.py), SGLang (srt/entrypoints/openai/protocol.py),
llama.cpp (tools/server), OpenAI's reference of the legacy completions.

| server | constraint | stop string that ended | tokens per event | unlimited output |
|---|---|---|---|---|
| vLLM | `structured_outputs` (`guided_…` before 0.11) | `stop_reason` | `continuous_usage_stats` | `max_tokens: null` |
| SGLang | `json_schema`, `ebnf` | `matched_stop` | `continuous_usage_stats` | counted by us |
| llama-server | `json_schema`, `grammar` | found by us | `timings_per_token` | `max_tokens: -1` |
| others | `response_format` | found by us | one | counted by us |
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import msgspec

from ..chat import (
    ContextOverflow,
    EngineRefused,
    EngineUnavailable,
    Error,
    Overloaded,
    Schema,
    Unsupported,
)
from . import llama
from .engine import EngineRequest

Kind = Literal["vllm", "sglang", "llama", "other"]


class Logprobs(msgspec.Struct, gc=False):
    """Log probabilities: OpenAI's legacy lists, or llama.cpp's list of tokens."""

    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float | None] | None] | None = None
    content: list[llama.Probability] | None = None


class Choice(msgspec.Struct, gc=False):
    """A piece of one result."""

    index: int = 0
    text: str | None = None
    finish_reason: str | None = None
    stop_reason: int | str | None = None
    matched_stop: int | str | list[int] | None = None
    logprobs: Logprobs | None = None


class PromptDetails(msgspec.Struct, gc=False):
    """Where prompt tokens came from."""

    cached_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """Counts: of one result so far, or of the whole answer in the last event."""

    prompt_tokens: int = 0
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None


class LlamaTimings(msgspec.Struct, gc=False):
    """llama-server's counts of one result so far."""

    cache_n: int = 0
    prompt_n: int = 0
    predicted_n: int = 0


class Failure(msgspec.Struct, gc=False):
    """An error in any of the forms seen."""

    message: str = ""
    type: str | None = None
    code: int | str | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class Chunk(msgspec.Struct, gc=False):
    """One event of a stream."""

    choices: list[Choice] = []
    usage: Usage | None = None
    timings: LlamaTimings | None = None
    error: Failure | str | None = None


class _ErrorBody(msgspec.Struct):
    """An answer that is not 200: the error inside, or at the top (SGLang)."""

    error: Failure | str | None = None
    message: str = ""
    type: str | None = None
    code: int | str | None = None
    detail: Any = None


CHUNKS = msgspec.json.Decoder(list[Chunk])


def finds_stops(kind: Kind) -> bool:
    """Whether we look for stop strings ourselves, because the server does not say which one it met."""
    return kind in ("llama", "other")


def write(kind: Kind, version: tuple[int, ...], model: str, completion: EngineRequest, limit: int | None) -> bytes:
    """Return the request's body; `limit` None only where the server can be told "to the end of the context"."""
    sampling = completion.sampling
    body: dict[str, Any] = {
        "model": model,
        "prompt": completion.prompt,
        "max_tokens": limit,
        "n": completion.n,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed % llama.SEEDS
    if completion.stop and not finds_stops(kind):
        body["stop"] = completion.stop
    if completion.logprobs is not None:
        body["logprobs"] = completion.logprobs
    if kind == "other":
        if sampling.top_k:
            body["top_k"] = sampling.top_k
        if sampling.min_p:
            body["min_p"] = sampling.min_p
        if sampling.repetition_penalty != 1:
            body["repetition_penalty"] = sampling.repetition_penalty
    else:
        body["min_p"] = sampling.min_p
        body["top_k"] = sampling.top_k or (0 if kind == "llama" else -1)
    if kind in ("vllm", "sglang"):
        body |= {"repetition_penalty": sampling.repetition_penalty, "skip_special_tokens": False}
        body["stream_options"]["continuous_usage_stats"] = True
    if kind == "vllm":
        body |= {"spaces_between_special_tokens": False, "add_special_tokens": False}
    if kind == "llama":
        shared = json.loads(llama.write(completion, 0, 1))
        for name in ("repeat_penalty", "repeat_last_n", "samplers", "typical_p", "top_n_sigma", "xtc_probability"):
            body[name] = shared[name]
        body |= {"dry_multiplier": 0.0, "mirostat": 0, "dynatemp_range": 0.0, "cache_prompt": True}
        body |= {"max_tokens": -1 if limit is None else limit, "timings_per_token": True, "return_progress": True}
        if completion.logprobs is not None:
            body["logprobs"] = max(1, completion.logprobs)
    if completion.constraint is not None:
        body |= _constraint(kind, version, completion)
    return msgspec.json.encode(body)


def _constraint(kind: Kind, version: tuple[int, ...], completion: EngineRequest) -> dict[str, Any]:
    """Return the fields that hold the output to its constraint, white space bounded where the server lets us.

    SGLang bounds white space for the whole server only (`--constrained-json-disable-any-whitespace`).
    """
    constraint = completion.constraint
    if isinstance(constraint, Schema):
        schema = constraint.schema
        if kind == "vllm":
            if (0,) < version < (0, 11):
                return {"guided_json": schema, "guided_whitespace_pattern": " ?"}
            return {"structured_outputs": {"json": schema, "disable_any_whitespace": True}}
        if kind == "sglang":
            return {"json_schema": json.dumps(schema)}
        if kind == "llama":
            return {"json_schema": json.loads(llama.schema_text(schema))}
        wrapped = {"name": "answer", "schema": schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": wrapped}}
    assert constraint is not None
    if kind == "vllm":
        if (0,) < version < (0, 11):
            return {"guided_grammar": constraint.text}
        return {"structured_outputs": {"grammar": constraint.text}}
    if kind == "sglang":
        return {"ebnf": constraint.text}
    if kind == "llama":
        return {"grammar": constraint.text}
    raise Unsupported("This model's engine cannot hold an answer to a grammar.")


_OVERFLOW = re.compile(
    r"maximum context length|context_length_exceeded|longer than the model's context length|exceed_context_size"
    r"|exceeds the available context size|exceeds the maximum (?:context|allowed)|context window|prompt is too long"
    r"|greater than max_model_len|maximum input length",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:maximum (?:context|input|model) length|context length|context size|max_model_len)[^0-9]{0,40}(\d+)",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(\d+) (?:tokens )?(?:in the (?:messages|prompt)|(?:tokens )?from the input|input tokens)|\((\d+) tokens\)"
    r"|prompt contains (?:at least )?(\d+)",
    re.IGNORECASE,
)


def refusal(status: int, body: bytes, retry_after: str | None = None) -> Error:
    """Return the error that an answer with a status other than 200 means."""
    try:
        found = msgspec.json.decode(body, type=_ErrorBody)
    except msgspec.DecodeError:
        found = _ErrorBody(message=body[:500].decode("utf-8", "replace").strip())
    inner = found.error
    if inner is None:
        message = found.message or (json.dumps(found.detail) if found.detail is not None else "")
        inner = Failure(message, found.type, found.code)
    seconds = float(retry_after) if retry_after and re.fullmatch(r"\d{1,6}", retry_after) else None
    return failure(inner, status, seconds)


def failure(found: Failure | str, status: int, retry_after: float | None = None) -> Error:
    """Return the error that a server's own means; the caller is never told that the server's key was wrong."""
    if isinstance(found, str):
        found = Failure(found)
    text = found.message
    if status < 500 and _OVERFLOW.search(f"{found.type} {found.code} {text}"):
        context = found.n_ctx or _number(_CONTEXT, text)
        prompt = found.n_prompt_tokens or _number(_PROMPT, text)
        return ContextOverflow(f"The prompt does not fit: {text}", prompt_tokens=prompt, context=context)
    if status == 429:
        return Overloaded("The engine takes no more requests now.", retry_after=retry_after)
    if status in (502, 503, 504):
        return EngineUnavailable(
            f"The engine cannot answer now (status {status}): {text}", retry_after=retry_after or 5.0
        )
    if status in (401, 403):
        return EngineRefused(f"The engine did not accept the key of the configuration (status {status}).")
    return EngineRefused(f"The engine refused the request (status {status}): {text}")


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text.replace(",", ""))
    return next((int(group) for group in found.groups() if group), None) if found else None
