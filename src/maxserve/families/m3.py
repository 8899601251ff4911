"""MiniMax-M3: three thinking modes, tool calls as marked elements (docs/wire/minimax.md §15)."""

from __future__ import annotations

from typing import Any

from ..chat import Request, Thinking
from .m3_grammar import SYNTAX
from .m3_reader import BLOCK, THINK, THOUGHT_END, M3Reader
from .minimax import MiniMax


class M3(MiniMax):
    """The M3 family: the mode opens a thought in the prompt, closes it, or leaves it to the model."""

    name = "m3"
    think_stops: tuple[str, ...] = (THOUGHT_END, BLOCK)
    READER = M3Reader
    SYNTAX = SYNTAX
    ROOT = True
    OPEN = THINK
    CLOSE = THOUGHT_END
    BREAK = ""

    def thinking(self, request: Request) -> Thinking:
        """Return the mode that the request asks for, adaptive where it does not say."""
        return request.thinking or "adaptive"

    def _variables(self, request: Request, identity: str | None) -> dict[str, Any]:
        return {"thinking_mode": self.thinking(request)}
