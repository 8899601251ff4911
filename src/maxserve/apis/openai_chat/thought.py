"""Where MiniMax's API shows a thought (docs/wire/minimax.md §4.3)."""

from __future__ import annotations

from .wire_response import Thought

OPEN = "<think>\n"
_CLOSE = {"m2": "\n</think>\n\n", "m3": "\n</think>\n"}


def close(family: str) -> str:
    """What follows an inline thought: M3's has one line break less."""
    return _CLOSE[family]


def inline(reasoning: str, family: str) -> str:
    """Return the thought as the beginning of the content, for `reasoning_split: false`."""
    return OPEN + reasoning + close(family)


def reasoning_details(text: str) -> list[Thought]:
    """Return the thought in MiniMax's second field."""
    return [Thought("reasoning.text", "reasoning-text-1", "MiniMax-response-v1", 0, text)]
