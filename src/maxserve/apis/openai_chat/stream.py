"""Writes a chat completion as server-sent events.

The hot path: every frame is glued from bytes made once per stream and the delta's own JSON string.
"""

from __future__ import annotations

import msgspec

from ...chat import Finished, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted, Usage
from .frames import DETAILS, DONE, ChatFrames
from .usage import logprobs_body, usage_body

_encode = msgspec.json.Encoder().encode


class ChatStream(ChatFrames):
    """Turns batches of events into frames: role once per result, an empty delta with the reason last.

    `include_usage` adds `usage: null` to every frame and one frame with `choices: []` at the end. `split` False
    writes thoughts as a `<think>` block into the content.
    """

    __slots__ = ("_ends", "_include_usage", "_prefixes", "_tail", "_top")

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
        before = [prefix + b'"content":' for prefix in self._prefixes]
        super().__init__(before, self._tail, family=family, split=split)

    def start(self) -> bytes:
        """Return the first frames: the role of every result."""
        return b"".join(prefix + b'"role":"assistant","content":""' + self._tail for prefix in self._prefixes)

    def end(self) -> bytes:
        """Return the usage frame where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        usage = _encode(usage_body(Usage.of_answer(self._usage)))
        return self._top + b'],"usage":' + usage + b"}\n\n" + DONE

    def _probable(self, event: TextDelta, out: list[bytes]) -> None:
        out += (
            self._before[event.index], _encode(event.text), b'},"logprobs":',
            _encode(logprobs_body(event.logprobs)), b',"finish_reason":null}', self._ends,
        )  # fmt: skip

    def _thought(self, event: ReasoningDelta, out: list[bytes]) -> None:
        text = _encode(event.text)
        out += (self._prefixes[event.index], b'"reasoning_content":', text, DETAILS, text, b"}]", self._tail)

    def _call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        call = {
            "index": event.call,
            "id": event.id,
            "type": "function",
            "function": {"name": event.name, "arguments": ""},
        }
        out += (self._prefixes[event.index], b'"tool_calls":[', _encode(call), b"]", self._tail)

    def _arguments(self, event: ToolCallDelta, out: list[bytes]) -> None:
        out += (
            self._prefixes[event.index], b'"tool_calls":[{"index":', str(event.call).encode(),
            b',"function":{"arguments":', _encode(event.arguments), b"}}]", self._tail,
        )  # fmt: skip

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        out += (
            self._prefixes[event.index], b'},"logprobs":null,"finish_reason":', _encode(event.reason), b"}", self._ends,
        )  # fmt: skip
