"""Writes Cloudsway's answers as server-sent events.

The page shows no stream (docs/wire/minimax.md §5, inferred): these are OpenAI's chunks, their keys in the order of the
page's whole answers, with `native_finish_reason` beside `finish_reason`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...chat import Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted, Usage
from ..openai_chat.usage import logprobs_body
from .usage import usage_body

_encode = msgspec.json.Encoder().encode
_REASONS = b'"finish_reason":null,"native_finish_reason":null}'
DONE = b"data: [DONE]\n\n"


class CloudswayStream:
    """Turns batches of events into frames: the role first, an empty delta with both reasons last.

    `include_usage` adds `usage: null` to every frame and one frame with `choices: []` at the end. Thoughts go into
    `reasoning_details`, each piece once, where `split` says so, else nowhere. Cloudsway has one result per answer.
    """

    __slots__ = ("_end", "_head", "_include_usage", "_prefix", "_split", "_tail", "_usage")

    def __init__(self, *, id: str, created: int, model: str, include_usage: bool, split: bool) -> None:
        self._head = b'data: {"id":' + _encode(id) + b',"choices":['
        self._end = (
            b'],"created":' + str(created).encode() + b',"model":' + _encode(model)
            + b',"object":"chat.completion.chunk"' + (b',"usage":null}\n\n' if include_usage else b"}\n\n")
        )  # fmt: skip
        self._prefix = self._head + b'{"index":0,"delta":{'
        self._tail = b"}," + _REASONS + self._end
        self._include_usage = include_usage
        self._split = split
        self._usage = Usage()

    def start(self) -> bytes:
        """Return the first frame: the role."""
        return self._prefix + b'"role":"assistant","content":""' + self._tail

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        prefix, tail = self._prefix, self._tail
        for event in events:
            if type(event) is TextDelta:
                if event.logprobs is None:
                    out += (prefix, b'"content":', _encode(event.text), tail)
                else:
                    self._probable(event, out)
            elif type(event) is ReasoningDelta:
                if self._split:
                    out += (
                        prefix, b'"reasoning_details":[{"type":"reasoning.text","text":',
                        _encode(event.text), b',"signature":null}]', tail,
                    )  # fmt: skip
            elif type(event) is ToolCallDelta:
                out += (
                    prefix, b'"tool_calls":[{"index":', str(event.call).encode(),
                    b',"function":{"arguments":', _encode(event.arguments), b"}}]", tail,
                )  # fmt: skip
            elif type(event) is ToolCallStarted:
                self._call(event, out)
            elif type(event) is Finished:
                self._finish(event, out)
        return b"".join(out)

    def end(self) -> bytes:
        """Return the usage frame where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        usage = _encode(usage_body(self._usage))
        return self._head + self._end.removesuffix(b"null}\n\n") + usage + b"}\n\n" + DONE

    def _probable(self, event: TextDelta, out: list[bytes]) -> None:
        out += (
            self._prefix, b'"content":', _encode(event.text), b'},"logprobs":', _encode(logprobs_body(event.logprobs)),
            b",", _REASONS, self._end,
        )  # fmt: skip

    def _call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        call = {
            "index": event.call,
            "id": event.id,
            "type": "function",
            "function": {"name": event.name, "arguments": ""},
        }
        out += (self._prefix, b'"tool_calls":[', _encode(call), b"]", self._tail)

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        self._usage = event.usage
        reason = _encode(event.reason)
        out += (
            self._prefix, b'},"finish_reason":', reason, b',"native_finish_reason":', reason, b"}", self._end,
        )  # fmt: skip
