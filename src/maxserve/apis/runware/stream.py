"""Writes an answer as Runware's server-sent events (docs/wire/runware.md §5.4).

The hot path: every frame is glued from bytes made once per stream and the delta's own JSON string. No role comes
first; each result ends with a chunk that has the reason, its usage and its cost. Those come together at the end of the
stream: what a result's share of the prompt costs is known when all have ended, and one SDK stops at the first.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...chat import (
    CompletedToolCall,
    Event,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from ..openai_chat.frames import DONE
from ..openai_chat.thought import OPEN, close
from .cost import shares
from .item import head, tail, tools_json
from .tasks import TextInference

_encode = msgspec.json.Encoder().encode


class RunwareStream:
    """Turns batches of events into flat chunks; a call of a tool is one chunk, written when it is complete."""

    __slots__ = ("_after", "_arguments", "_asked", "_calls", "_close", "_finished", "_head", "_inline", "_open")

    def __init__(self, asked: TextInference) -> None:
        n = asked.request.n
        self._asked = asked
        self._head = b"data: " + head(asked.uuid) + b',"delta":{'
        index = [b',"resultIndex":%d' % i for i in range(n)] if n > 1 else [b""]
        self._after = [b'},"finishReason":null' + each + b"}\n\n" for each in index]
        self._inline = asked.inline
        self._close = close(asked.model.family)
        self._open = [False] * n
        self._calls: list[ToolCallStarted | None] = [None] * n
        self._arguments: list[list[str]] = [[] for _ in range(n)]
        self._finished: list[Finished | None] = [None] * n

    def start(self) -> bytes:
        """Return nothing: the first chunk is the first delta."""
        return b""

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                if self._open[event.index]:
                    self._shut(event.index, out)
                out += (self._head, b'"text":', _encode(event.text), self._after[event.index])
            elif type(event) is ReasoningDelta:
                if self._inline:
                    self._think(event, out)
                else:
                    out += (
                        self._head, b'"reasoningContent":', _encode(event.text),
                        self._after[event.index],
                    )  # fmt: skip
            elif isinstance(event, ToolCallDelta):
                self._arguments[event.index].append(event.arguments)
            elif isinstance(event, ToolCallStarted):
                self._settle(event.index, out)
                self._calls[event.index] = event
            elif isinstance(event, Finished):
                self._settle(event.index, out)
                self._finished[event.index] = event
        return b"".join(out)

    def end(self) -> bytes:
        """Return the last chunk of every result, and the end mark."""
        asked = self._asked
        usages = [Usage() if each is None else each.usage for each in self._finished]
        costs = shares(asked.model.price, Usage.of_answer(usages), usages)
        out = [
            self._head + b'},"finishReason":' + _encode(each.reason) + tail(asked, i, usages[i], costs[i]) + b"}\n\n"
            for i, each in enumerate(self._finished)
            if each is not None
        ]
        return b"".join(out) + DONE

    def _think(self, event: ReasoningDelta, out: list[bytes]) -> None:
        """Write a thought into the text."""
        index = event.index
        text = event.text if self._open[index] else OPEN + event.text
        self._open[index] = True
        out += (self._head, b'"text":', _encode(text), self._after[index])

    def _shut(self, index: int, out: list[bytes]) -> None:
        """Close a thought in the text."""
        self._open[index] = False
        out += (self._head, b'"text":', _encode(self._close), self._after[index])

    def _settle(self, index: int, out: list[bytes]) -> None:
        """Close a thought, and write a call that is complete."""
        if self._open[index]:
            self._shut(index, out)
        call, self._calls[index] = self._calls[index], None
        if call is not None:
            whole = CompletedToolCall(call.id, call.name, "".join(self._arguments[index]))
            self._arguments[index].clear()
            out += (self._head, b'"tools":', tools_json([whole]), self._after[index])
