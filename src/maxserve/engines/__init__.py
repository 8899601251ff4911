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

__all__ = [
    "Completion", "Engine", "EngineInfo", "EngineState", "Piece", "PieceEnd",
    "PieceProgress", "PieceText", "SamplingValues",
]  # fmt: skip
