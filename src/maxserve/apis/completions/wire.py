"""The struct of a completions request, decoded once; unknown fields are tolerated as OpenAI's SDKs need."""

from __future__ import annotations

import msgspec

from ..sampling import SamplingFields


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class CompletionRequest(SamplingFields):
    """The body of `POST /v1/completions`; null means absent everywhere. Numbers in a prompt are ids of tokens."""

    model: str
    prompt: str | list[str | int | list[int]]
    max_tokens: int | None = None
    n: int | None = None
    best_of: int | None = None
    echo: bool | None = None
    logprobs: int | None = None
    stop: str | list[str] | None = None
    suffix: str | None = None
    logit_bias: dict[str, float] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    mask_sensitive_info: bool | None = None
