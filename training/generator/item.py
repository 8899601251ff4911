"""One exercise before it is laid out as messages."""

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
"""role, content and, for assistants, reasoning_content and tool_calls."""


@dataclass
class Item:
    """A question, the thought that leads to its answer, and how to mark an answer.

    `hard` says whether an adaptive model thinks before it answers. `history` comes before the question,
    `loop` (tool calls and their results) after it. `check` is read by the evaluation only.
    """

    user: str
    thought: str
    answer: str
    hard: bool = False
    system: str | None = None
    history: list[Message] = field(default_factory=list)
    loop: list[Message] = field(default_factory=list)
    tools: list[dict[str, Any]] | None = None
    calls: list[dict[str, Any]] | None = None
    check: dict[str, Any] = field(default_factory=dict)
    plain: bool = False
    """Lay it out as it is: no extra system text, history or changed spelling."""
    special: list[Message] = field(default_factory=list)
    """Messages with MiniMax's special roles, or with only a name, that come first."""
    speaker: str | None = None
    """The name that the user's message carries."""
    base: str = ""
    """The question without its trimmings, where there are few such questions: it is then trained and not asked."""


def say(role: str, content: str, name: str | None = None) -> Message:
    """Return one plain message."""
    return {"role": role, "content": content, **({"name": name} if name else {})}


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one tool call in the normalised form."""
    return {"function": {"name": name, "arguments": arguments}}
