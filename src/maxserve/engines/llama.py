"""llama.cpp's `/completion`: what we write to it and what it streams back.

Source: llama.cpp's tools/server (README and server-schema.cpp); every claim here is held by a test against the
installed library.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ..chat import (
    Constraint,
    ContextOverflow,
    EngineRefused,
    EngineUnavailable,
    Error,
    InvalidRequest,
    Schema,
    TokenLogprob,
)
from .engine import EndChunk, EngineChunk, EngineRequest, ProgressChunk, TextChunk

SEEDS = 2**31 - 1
"""Seeds are taken modulo this: llama.cpp reads 32 bits and means "random" by the highest value."""

PENALTY_WINDOW = 1024
"""The penalties look back over so many tokens at most; llama.cpp also counts the prompt's end as text so far."""

_SAMPLERS = ["penalties", "temperature", "top_k", "top_p", "min_p"]
"""The order of vLLM and transformers, which MiniMax's values are meant for; llama.cpp's own has temperature last."""

_FINAL_FIELDS = [
    "index",
    "content",
    "stop",
    "tokens_predicted",
    "tokens_evaluated",
    "stop_type",
    "stopping_word",
    "timings",
]
"""Fields of the last event that we read; without this list it repeats the whole prompt."""


class Timings(msgspec.Struct, gc=False):
    """Counts of one result: prompt tokens from the prefix cache, and those that were computed."""

    cache_n: int = 0
    prompt_n: int = 0


class Progress(msgspec.Struct, gc=False):
    """How far the prompt is read."""

    total: int = 0
    cache: int = 0
    processed: int = 0


class Alternative(msgspec.Struct, gc=False):
    """A token that could have been drawn."""

    token: str
    logprob: float | None = None


class Probability(msgspec.Struct, gc=False):
    """A token that was drawn, natural-log probability, and the best ones at its place.

    llama.cpp writes minus infinity, which JSON does not have, as null.
    """

    token: str
    logprob: float | None = None
    bytes: list[int] = []
    top_logprobs: list[Alternative] = []


class Failure(msgspec.Struct, gc=False):
    """An error as llama.cpp writes it."""

    message: str = ""
    type: str = ""
    code: int | str | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class Chunk(msgspec.Struct, gc=False):
    """One event of a stream: a token, progress, the end of a result, or an error."""

    index: int = 0
    content: str = ""
    tokens: list[int] = []
    stop: bool = False
    tokens_predicted: int = 0
    tokens_evaluated: int = 0
    stop_type: str = ""
    stopping_word: str = ""
    prompt_progress: Progress | None = None
    completion_probabilities: list[Probability] | None = None
    timings: Timings | None = None
    error: Failure | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of an answer that is not 200."""

    error: Failure | None = None


CHUNKS = msgspec.json.Decoder(list[Chunk])

_LOWEST = -9999.0
"""Stands for minus infinity, as in OpenAI's answers."""


def write(completion: EngineRequest, seed: int, n: int) -> bytes:
    """Return the body for `n` results, the first drawn with `seed`; every value is said, none left to defaults."""
    sampling = completion.sampling
    penalised = bool(sampling.frequency_penalty or sampling.presence_penalty or sampling.repetition_penalty != 1)
    limit = completion.max_tokens
    body: dict[str, Any] = {
        "prompt": completion.prompt,
        "n_predict": -1 if limit is None else limit,
        "n": n,
        "seed": seed % SEEDS,
        "stop": completion.stop,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": min(limit or PENALTY_WINDOW, PENALTY_WINDOW) if penalised else 0,
        "samplers": _SAMPLERS,
        "typical_p": 1.0,
        "top_n_sigma": -1.0,
        "xtc_probability": 0.0,
        "dry_multiplier": 0.0,
        "mirostat": 0,
        "dynatemp_range": 0.0,
        "adaptive_target": -1.0,
        "ignore_eos": False,
        "logit_bias": [],
        "min_keep": 0,
        "n_keep": 0,
        "n_probs": 0 if completion.logprobs is None else max(1, completion.logprobs),
        "post_sampling_probs": False,
        "cache_prompt": True,
        "stream": True,
        "return_progress": True,
        "return_tokens": bool(completion.stop),
        "timings_per_token": False,
        "t_max_predict_ms": -1,
        "response_fields": _FINAL_FIELDS,
    }
    if completion.constraint is not None:
        body["grammar"] = grammar(completion.constraint)
    return msgspec.json.encode(body)


def grammar(constraint: Constraint) -> str:
    """Return the constraint as text for the `grammar` field.

    A schema goes to llguidance, which is told to write one blank after a comma or colon and no other white space:
    left to itself it allows any amount, and a weak model spends all its tokens on it.
    """
    if isinstance(constraint, Schema):
        return f"%llguidance {{}}\nstart: %json {schema_text(constraint.schema)}\n"
    return constraint.text


def schema_text(schema: dict[str, Any]) -> str:
    """Return a JSON schema as JSON text with llguidance's white space fixed."""
    guidance = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
    return json.dumps({**schema, "x-guidance": guidance})


class Reader:
    """Turns chunks into pieces; counts tokens exactly.

    llama.cpp sends nothing for a token that ends inside a character, so the tokens of a chunk are the difference of
    its running counts. `first` is the number of the first result.

    Text that could begin a stop string is held back by llama.cpp, and forgotten where the result then ends at its
    limit. So the tokens of held text are kept here; `lost` has those of results that ended that way, by index.
    """

    def __init__(self, completion: EngineRequest, results: int, first: int) -> None:
        self._seen = [0] * results
        self._silent: list[list[int]] = [[] for _ in range(results)]
        self._stops = bool(completion.stop)
        self._first = first
        self._top = completion.logprobs
        self._cached = 0
        self.lost: dict[int, list[int]] = {}
        self.open = results
        self.produced = False

    def read(self, chunks: list[Chunk]) -> list[EngineChunk]:
        """Return the pieces of `chunks`; raises an `Error` where one of them is an error."""
        pieces: list[EngineChunk] = []
        add = pieces.append
        seen = self._seen
        first = self._first
        for chunk in chunks:
            index = chunk.index
            if chunk.error is not None:
                raise failure(chunk.error, 500)
            if chunk.prompt_progress is not None:
                if index == 0 and first == 0:
                    progress = chunk.prompt_progress
                    add(ProgressChunk(progress.processed, progress.total, progress.cache))
                continue
            count = chunk.tokens_predicted
            tokens = count - seen[index]
            if tokens > 0 or chunk.content:
                seen[index] = count
                probabilities = chunk.completion_probabilities
                if probabilities:
                    add(TextChunk(first + index, chunk.content, tokens, self._logprobs(probabilities)))
                else:
                    add(TextChunk(first + index, chunk.content, tokens))
                self.produced = True
                if self._stops:
                    self._hold(chunk)
            if chunk.stop:
                add(self._end(chunk))
                self.open -= 1
                self.produced = True
        return pieces

    def _hold(self, chunk: Chunk) -> None:
        if chunk.content:
            self._silent[chunk.index].clear()
        else:
            self._silent[chunk.index] += chunk.tokens

    def _end(self, chunk: Chunk) -> EndChunk:
        # A result that shares the prompt's work with the first one reports nothing from the cache of its own.
        cached = chunk.timings.cache_n if chunk.timings is not None else 0
        self._cached = max(self._cached, cached)
        index = self._first + chunk.index
        prompt, completion = chunk.tokens_evaluated, chunk.tokens_predicted
        if chunk.stop_type == "eos":
            return EndChunk(index, "end", prompt, completion, self._cached)
        if chunk.stop_type == "word":
            return EndChunk(index, "stop", prompt, completion, self._cached, chunk.stopping_word)
        if self._silent[chunk.index]:
            self.lost[index] = self._silent[chunk.index]
        return EndChunk(index, "length", prompt, completion, self._cached)

    def _logprobs(self, probabilities: list[Probability]) -> tuple[TokenLogprob, ...]:
        top = self._top or 0
        return tuple(
            TokenLogprob(
                p.token,
                _number(p.logprob),
                bytes(p.bytes),
                tuple((other.token, _number(other.logprob)) for other in p.top_logprobs[:top]),
            )
            for p in probabilities
        )


def _number(logprob: float | None) -> float:
    return _LOWEST if logprob is None else max(logprob, _LOWEST)


def no_text(status: int, body: bytes) -> Error:
    """Return the error that an answer of `/detokenize` with a status other than 200 means."""
    error = refusal(status, body)
    # All that it says of an id outside the vocabulary is what the C++ library says of any index out of range.
    if isinstance(error, EngineRefused) and "vector" in error.message:
        return InvalidRequest("A prompt has a token id that is not in the model's vocabulary.", param="prompt")
    return error


def refusal(status: int, body: bytes) -> Error:
    """Return the error that an answer with a status other than 200 means."""
    try:
        found = msgspec.json.decode(body, type=ErrorBody).error
    except msgspec.DecodeError:
        found = None
    if found is None:
        found = Failure(message=body[:500].decode("utf-8", "replace"))
    return failure(found, status)


def failure(found: Failure, status: int) -> Error:
    """Return the error that one of llama.cpp's means."""
    if found.type == "exceed_context_size_error":
        return ContextOverflow(
            f"The prompt has {found.n_prompt_tokens} tokens; the model that is loaded takes {found.n_ctx}.",
            prompt_tokens=found.n_prompt_tokens,
            context=found.n_ctx,
        )
    if found.type == "unavailable_error" or status == 503:
        return EngineUnavailable("The engine is still loading.", retry_after=5.0)
    return EngineRefused(f"The engine refused the request (status {status}): {found.message}")
