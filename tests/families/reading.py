"""Feeds raw output to a parser in pieces and gathers what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from maxserve.chat import Event, ReasoningDelta, TextDelta, Tool, ToolCallDelta, ToolCallStarted
from maxserve.families import Parser
from maxserve.families.m2_reader import M2Reader
from maxserve.families.m3_reader import MARK as N
from maxserve.families.m3_reader import M3Reader

__all__ = ["N", "Read", "block", "cut", "gather", "m2", "m3", "read", "tool"]


class Read(NamedTuple):
    """One output, gathered; calls as (name, arguments as JSON text)."""

    reasoning: str
    content: str
    calls: list[tuple[str, str]]

    @property
    def arguments(self) -> list[Any]:
        """The arguments of every call."""
        return [json.loads(text) for _, text in self.calls]


def gather(events: Iterable[Event]) -> Read:
    reasoning, content, calls = "", "", []
    for event in events:
        if isinstance(event, ReasoningDelta):
            assert event.text, "an empty delta"
            reasoning += event.text
        elif isinstance(event, TextDelta):
            assert event.text, "an empty delta"
            content += event.text
        elif isinstance(event, ToolCallStarted):
            assert event.call == len(calls)
            calls.append((event.name, ""))
        elif isinstance(event, ToolCallDelta):
            assert event.call == len(calls) - 1
            assert event.arguments, "an empty delta"
            calls[-1] = (calls[-1][0], calls[-1][1] + event.arguments)
        else:
            raise AssertionError(f"a parser has no business with {event}")
    return Read(reasoning, content, calls)


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    """Cut a text into pieces of the given sizes, again and again."""
    pieces, at, i = [], 0, 0
    while at < len(text):
        size = sizes[i % len(sizes)]
        pieces.append(text[at : at + size])
        at, i = at + size, i + 1
    return pieces


def read(parser: Parser, raw: str, sizes: Sequence[int] = (1 << 30,)) -> Read:
    events = [event for piece in cut(raw, sizes) for event in parser.feed(piece)] + parser.finish()
    for event in events:
        if isinstance(event, TextDelta):
            assert raw[event.start : event.start + len(event.text)] == event.text
    assert parser.feed("more") == []
    assert parser.finish() == []
    return gather(events)


def m2(raw: str, tools: Sequence[Tool] = (), thinking: Any = "closed", sizes: Sequence[int] = (1 << 30,)) -> Read:
    """Read M2's output, in one piece and character by character, which must be the same."""
    whole = read(M2Reader(thinking, tools), raw, sizes)
    assert read(M2Reader(thinking, tools), raw, (1,)) == whole
    return whole


def m3(raw: str, tools: Sequence[Tool] = (), thinking: Any = "free", sizes: Sequence[int] = (1 << 30,)) -> Read:
    """Read M3's output, in one piece and character by character, which must be the same."""
    whole = read(M3Reader(thinking, tools), raw, sizes)
    assert read(M3Reader(thinking, tools), raw, (1,)) == whole
    return whole


def tool(name: str = "f", required: Sequence[str] = (), **properties: Any) -> Tool:
    """Return a tool with properties given by their schema, or by their type."""
    known = {key: {"type": value} if isinstance(value, str) else value for key, value in properties.items()}
    return Tool(name, None, {"type": "object", "properties": known, "required": list(required)})


def block(*calls: tuple[str, dict[str, str]]) -> str:
    """Write a block of M2's tool calls from raw texts."""
    inner = "".join(
        f'<invoke name="{name}">\n'
        + "".join(f'<parameter name="{key}">{value}</parameter>\n' for key, value in arguments.items())
        + "</invoke>\n"
        for name, arguments in calls
    )
    return f"\n<minimax:tool_call>\n{inner}</minimax:tool_call>"
