"""Engines: what turns a prompt into raw text."""

from .engine import (
    Completion,
    Engine,
    EngineInfo,
    EngineState,
    Piece,
    PieceEnd,
    PieceProgress,
    PieceText,
    SamplingValues,
)
from .router import Router, create
from .settings import EmbeddedSettings, EngineSettings, OpenAIHttpSettings

__all__ = [
    "Completion", "EmbeddedSettings", "Engine", "EngineInfo", "EngineSettings", "EngineState", "OpenAIHttpSettings",
    "Piece", "PieceEnd", "PieceProgress", "PieceText", "Router", "SamplingValues", "create",
]  # fmt: skip
