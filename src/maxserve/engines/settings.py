"""What a user may set of an engine; the `[engines.NAME]` tables of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ..chat.units import Count, Seconds


class EmbeddedSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="embedded"
):
    """llama.cpp in a supervised child process.

    `model` is a demo checkpoint's name ("demo-m2", "demo-m3"), a path to a GGUF file, or a Hugging Face repository
    with an optional file or quantisation ("org/repo", "org/repo:Q4_K_M", "org/repo:file.gguf") that was pulled
    before. `context` is in tokens per request, None = the checkpoint's own up to 32,768; `parallel` the number of
    requests decoded together; `threads` 0 = one per physical core, one for a demo; `gpu_layers` -1 = as many as fit;
    `batch` the tokens of prompt that are read in one step: a client that leaves, and a stream beside, waits for one at
    most.
    """

    model: str
    family: Literal["m2", "m3"] | None = None
    parallel: Count = 4
    context: Count | None = None
    threads: Annotated[int, Meta(ge=0)] = 0
    gpu_layers: Annotated[int, Meta(ge=-1)] = -1
    batch: Count = 512
    start_timeout_s: Seconds = 600.0
    max_restarts_per_minute: Annotated[int, Meta(ge=0)] = 10


class OpenAIHttpSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="openai"
):
    """A server that speaks OpenAI's `/v1/completions`: vLLM, SGLang, llama-server, or a hosted upstream.

    `url` is the base up to `/v1`, or `unix:///path` of a socket; `model` the name asked of it; `key` its bearer
    token; `template` a file with the chat template, None = ours.
    """

    url: str
    model: str
    family: Literal["m2", "m3"] | None = None
    key: str | None = None
    context: Count = 131_072
    parallel: Count = 64
    template: Path | None = None
    connect_timeout_s: Seconds = 5.0
    first_byte_timeout_s: Seconds = 300.0


EngineSettings = EmbeddedSettings | OpenAIHttpSettings
