"""Engines: what turns a prompt into raw text."""

from .engine import (
    EndChunk,
    Engine,
    EngineChunk,
    EngineInfo,
    EngineRequest,
    EngineState,
    ProgressChunk,
    SamplingValues,
    TextChunk,
)
from .router import Router, create
from .settings import EmbeddedSettings, EngineSettings, OpenAIHttpSettings

__all__ = [
    "EngineRequest", "EmbeddedSettings", "Engine", "EngineInfo", "EngineSettings", "EngineState", "OpenAIHttpSettings",
    "EngineChunk", "EndChunk", "ProgressChunk", "TextChunk", "Router", "SamplingValues", "create",
]  # fmt: skip
