"""What the streams of several flavours share: the loop over events, and thoughts that go into the content.

The hot path: a frame of text is bytes made once per stream around the text's own JSON string.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import msgspec

from ...chat import Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted, Usage
from .thought import OPEN, close

_encode = msgspec.json.Encoder().encode
DETAILS = (
    b',"reasoning_details":[{"type":"reasoning.text","id":"reasoning-text-1","format":"MiniMax-response-v1",'
    b'"index":0,"text":'
)
DONE = b"data: [DONE]\n\n"


class ChatFrames(ABC):
    """Turns batches of events into frames; a flavour says what surrounds them.

    `before[i]`, the text as JSON, and `after` are a frame of text of result i. `split` False writes thoughts as a
    `<think>` block into the content, closed as `family` closes it.
    """

    __slots__ = ("_after", "_before", "_close", "_inline", "_open", "_usage")

    def __init__(self, before: Sequence[bytes], after: bytes, *, family: str, split: bool) -> None:
        self._before = before
        self._after = after
        self._inline = not split
        self._open = [False] * len(before)
        self._close = close(family)
        self._usage: list[Usage] = []

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                if self._open[event.index]:
                    self._shut(event.index, out)
                if event.logprobs is None:
                    out += (self._before[event.index], _encode(event.text), self._after)
                else:
                    self._probable(event, out)
            elif type(event) is ReasoningDelta:
                if self._inline:
                    self._think(event, out)
                else:
                    self._thought(event, out)
            elif type(event) is ToolCallDelta:
                self._arguments(event, out)
            elif type(event) is ToolCallStarted:
                if self._open[event.index]:
                    self._shut(event.index, out)
                self._call(event, out)
            elif type(event) is Finished:
                if self._open[event.index]:
                    self._shut(event.index, out)
                self._usage.append(event.usage)
                self._finish(event, out)
        return b"".join(out)

    def _think(self, event: ReasoningDelta, out: list[bytes]) -> None:
        """Write a thought into the content."""
        index = event.index
        text = event.text if self._open[index] else OPEN + event.text
        self._open[index] = True
        out += (self._before[index], _encode(text), self._after)

    def _shut(self, index: int, out: list[bytes]) -> None:
        """Close a thought in the content."""
        self._open[index] = False
        out += (self._before[index], _encode(self._close), self._after)

    @abstractmethod
    def _probable(self, event: TextDelta, out: list[bytes]) -> None:
        """Write text with the probabilities of its tokens."""

    @abstractmethod
    def _thought(self, event: ReasoningDelta, out: list[bytes]) -> None:
        """Write a thought into fields of its own."""

    @abstractmethod
    def _call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        """Write the beginning of a call."""

    @abstractmethod
    def _arguments(self, event: ToolCallDelta, out: list[bytes]) -> None:
        """Write a piece of a call's arguments."""

    @abstractmethod
    def _finish(self, event: Finished, out: list[bytes]) -> None:
        """Write why the result ended."""
