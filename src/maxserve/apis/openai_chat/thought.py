"""Where MiniMax's API shows a thought (docs/wire/minimax.md §4.3)."""

from __future__ import annotations

from typing import Any

OPEN = "<think>\n"
_CLOSE = {"m2": "\n</think>\n\n", "m3": "\n</think>\n"}


def close(family: str) -> str:
    """What follows an inline thought: M3's has one line break less."""
    return _CLOSE[family]


def inline(reasoning: str, family: str) -> str:
    """Return the thought as the beginning of the content, for `reasoning_split: false`."""
    return OPEN + reasoning + close(family)


def reasoning_details(text: str) -> list[dict[str, Any]]:
    """Return the thought in MiniMax's second field."""
    return [
        {"type": "reasoning.text", "id": "reasoning-text-1", "format": "MiniMax-response-v1", "index": 0, "text": text}
    ]
