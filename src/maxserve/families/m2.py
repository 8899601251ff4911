"""MiniMax-M2, M2.1, M2.5 and M2.7: always thinking, tool calls in XML (docs/wire/minimax.md §14)."""

from __future__ import annotations

from typing import Any

from ..chat import Request, Thinking
from .m2_grammar import SYNTAX
from .m2_reader import BLOCK, THINK, THOUGHT_END, M2Reader
from .minimax import MiniMax


class M2(MiniMax):
    """The M2.x family. Its prompt opens the thought, and nothing switches thinking off."""

    name = "m2"
    think_stops: tuple[str, ...] = (THOUGHT_END, BLOCK)
    READER = M2Reader
    SYNTAX = SYNTAX
    ROOT = False
    OPEN = f"{THINK}\n"
    CLOSE = f"{THOUGHT_END}\n\n"
    BREAK = "\n"

    def thinking(self, request: Request) -> Thinking:
        """Return "enabled": what the request asks for is accepted and ignored (docs/wire/minimax.md §15.6)."""
        return "enabled"

    def _variables(self, request: Request, identity: str | None) -> dict[str, Any]:
        return {"model_identity": identity} if identity else {}
