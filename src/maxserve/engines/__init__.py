"""Engines: what turns a prompt into raw text."""

from .engine import (
    Completion,
    Constraint,
    Engine,
    EngineInfo,
    EngineState,
    Grammar,
    Piece,
    PieceEnd,
    PieceProgress,
    PieceText,
    Schema,
    SamplingValues,
)

__all__ = [
    "Completion", "Constraint", "Engine", "EngineInfo", "EngineState", "Grammar", "Piece", "PieceEnd",
    "PieceProgress", "PieceText", "SamplingValues", "Schema",
]  # fmt: skip
