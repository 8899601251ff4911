"""Writes small GGUF files by hand: headers with any metadata, and tensors of nothing."""

from __future__ import annotations

import struct
from typing import Any

Values = dict[str, Any]

M2: Values = {
    "general.architecture": "minimax-m2",
    "general.name": "Made by hand",
    "minimax-m2.context_length": 4096,
    "minimax-m2.expert_gating_func": 2,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": ["a", "b", "ü"],
    "tokenizer.ggml.scores": [0.5, 1.5],
    "general.some_flag": True,
}


def gguf(values: Values | None = None, *, version: int = 3, tensors: int = 1, padding: int = 64) -> bytes:
    """Return a whole file: header, `tensors` tensors of one float each at multiples of 32 bytes, and `padding`."""
    values = M2 if values is None else values
    out = b"GGUF" + struct.pack("<IQQ", version, tensors, len(values))
    for key, value in values.items():
        out += _string(key) + _value(value)
    for number in range(tensors):
        out += _string(f"tensor.{number}") + struct.pack("<IQIQ", 1, 1, 0, 32 * number)
    out += b"\0" * (-len(out) % 32)
    return out + b"\0" * (32 * max(0, tensors - 1) + 4 + padding)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _string(value)
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_string, value))
    return struct.pack("<IIQ", 9, 6, len(value)) + struct.pack(f"<{len(value)}f", *value)
