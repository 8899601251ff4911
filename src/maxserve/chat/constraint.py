"""What an output is held to while it is written."""

from __future__ import annotations

from typing import Any

import msgspec


class Schema(msgspec.Struct, frozen=True, tag="schema"):
    """The output must be JSON that satisfies `schema`, with no white space beyond one blank after , and :"""

    schema: dict[str, Any]


class Grammar(msgspec.Struct, frozen=True, tag="grammar"):
    """The output must be in the language of the GBNF grammar `text` (start symbol `root`)."""

    text: str


Constraint = Schema | Grammar
