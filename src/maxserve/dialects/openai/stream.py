"""Writes a chat completion as server-sent events.

The hot path: every frame is glued from bytes made once per stream and the delta's own JSON string.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...chat import (
    Event,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from .thought import OPEN, close
from .usage import logprobs_body, usage_body

_encode = msgspec.json.Encoder().encode
_DETAILS = (
    b',"reasoning_details":[{"type":"reasoning.text","id":"reasoning-text-1","format":"MiniMax-response-v1",'
    b'"index":0,"text":'
)
DONE = b"data: [DONE]\n\n"


class ChatStream:
    """Turns batches of events into frames: role once per result, an empty delta with the reason last.

    `include_usage` adds `usage: null` to every frame and one frame with `choices: []` at the end. `split` False
    writes thoughts as a `<think>` block into the content.
    """

    __slots__ = (
        "_close",
        "_ends",
        "_inline",
        "_include_usage",
        "_open",
        "_prefixes",
        "_tail",
        "_top",
        "_usage",
    )

    def __init__(
        self,
        *,
        id: str,
        created: int,
        model: str,
        checkpoint: str,
        family: str,
        n: int,
        include_usage: bool,
        split: bool,
    ) -> None:
        self._top = (
            b'data: {"id":' + _encode(id) + b',"object":"chat.completion.chunk","created":' + str(created).encode()
            + b',"model":' + _encode(model) + b',"system_fingerprint":' + _encode(checkpoint) + b',"choices":['
        )  # fmt: skip
        self._include_usage = include_usage
        self._ends = (b"]," + b'"usage":null}\n\n') if include_usage else b"]}\n\n"
        self._tail = b'},"logprobs":null,"finish_reason":null}' + self._ends
        self._prefixes = [self._top + b'{"index":' + str(i).encode() + b',"delta":{' for i in range(n)]
        self._inline = not split
        self._open = [False] * n
        self._close = close(family)
        self._usage: list[Usage] = []

    def start(self) -> bytes:
        """Return the first frames: the role of every result."""
        return b"".join(prefix + b'"role":"assistant","content":""' + self._tail for prefix in self._prefixes)

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            kind = type(event)
            if kind is TextDelta:
                self._text(event, out)  # type: ignore[arg-type]
            elif kind is ReasoningDelta:
                self._thought(event, out)  # type: ignore[arg-type]
            elif kind is ToolCallDelta:
                out += (
                    self._prefixes[event.index],  # type: ignore[union-attr]
                    b'"tool_calls":[{"index":', str(event.call).encode(),  # type: ignore[union-attr]
                    b',"function":{"arguments":', _encode(event.arguments), b"}}]",  # type: ignore[union-attr]
                    self._tail,
                )  # fmt: skip
            elif kind is ToolCallStarted:
                self._call(event, out)  # type: ignore[arg-type]
            elif kind is Finished:
                self._finish(event, out)  # type: ignore[arg-type]
        return b"".join(out)

    def end(self) -> bytes:
        """Return the usage frame where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        usage = _encode(usage_body(Usage.of_answer(self._usage)))
        return self._top + b'],"usage":' + usage + b"}\n\n" + DONE

    def _text(self, event: TextDelta, out: list[bytes]) -> None:
        index = event.index
        if self._open[index]:
            self._shut(index, out)
        if event.logprobs is None:
            out += (self._prefixes[index], b'"content":', _encode(event.text), self._tail)
        else:
            out += (
                self._prefixes[index], b'"content":', _encode(event.text), b'},"logprobs":',
                _encode(logprobs_body(event.logprobs)), b',"finish_reason":null}', self._ends,
            )  # fmt: skip

    def _thought(self, event: ReasoningDelta, out: list[bytes]) -> None:
        index = event.index
        if self._inline:
            text = event.text if self._open[index] else OPEN + event.text
            self._open[index] = True
            out += (self._prefixes[index], b'"content":', _encode(text), self._tail)
        else:
            text_json = _encode(event.text)
            out += (
                self._prefixes[index], b'"reasoning_content":', text_json, _DETAILS, text_json, b"}]", self._tail,
            )  # fmt: skip

    def _call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        if self._open[event.index]:
            self._shut(event.index, out)
        call = {
            "index": event.call,
            "id": event.id,
            "type": "function",
            "function": {"name": event.name, "arguments": ""},
        }
        out += (self._prefixes[event.index], b'"tool_calls":[', _encode(call), b"]", self._tail)

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        if self._open[event.index]:
            self._shut(event.index, out)
        self._usage.append(event.usage)
        out += (
            self._prefixes[event.index], b'},"logprobs":null,"finish_reason":', _encode(event.reason), b"}", self._ends,
        )  # fmt: skip

    def _shut(self, index: int, out: list[bytes]) -> None:
        """Close an inline thought."""
        self._open[index] = False
        out += (self._prefixes[index], b'"content":', _encode(self._close), self._tail)
