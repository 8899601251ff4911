"""Writes a message as server-sent events, in Anthropic's order (docs/wire/minimax.md §7).

The hot path: a delta's frame is glued from the bytes of its block and the delta's own JSON string.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ...chat import (
    Event,
    Finished,
    Progress,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from .signature import Signer
from .stop import stop_reason
from .usage import usage_body

_encode = msgspec.json.Encoder().encode

PING = b'event: ping\ndata: {"type":"ping"}\n\n'
_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
_TAIL = b"}}\n\n"
_BEGUN = {
    TextDelta: b'{"type":"text","text":""}',
    ReasoningDelta: b'{"type":"thinking","thinking":"","signature":""}',
}
_KEYS = {
    TextDelta: b'{"type":"text_delta","text":',
    ReasoningDelta: b'{"type":"thinking_delta","thinking":',
    ToolCallStarted: b'{"type":"input_json_delta","partial_json":',
}


class MessageStream:
    """Turns batches of events into frames: a block for each thought, text and call, one after the other.

    Counts are those known when the stream starts, and the true ones in `message_delta`. `shown` False leaves thoughts
    out and lets their signatures carry them.
    """

    __slots__ = ("_carried", "_head", "_id", "_index", "_kind", "_model", "_seal", "_shown", "_signer", "_usage")

    def __init__(self, *, id: str, model: str, signer: Signer, shown: bool) -> None:
        self._id = id
        self._model = model
        self._signer = signer
        self._shown = shown
        self._usage = Usage()
        self._index = -1
        self._kind: type[Event] | None = None
        self._head = b""
        self._seal = signer.seal()
        self._carried: list[str] = []

    def start(self) -> bytes:
        """Return the first frames: the message without content, and a ping."""
        message: dict[str, Any] = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_body(self._usage, "standard"),
        }
        return _frame("message_start", b'"message":' + _encode(message)) + PING

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                if self._kind is not TextDelta:
                    self._open(TextDelta, _BEGUN[TextDelta], out)
                out += (self._head, _encode(event.text), _TAIL)
            elif type(event) is ReasoningDelta:
                self._thought(event.text, out)
            elif type(event) is ToolCallDelta:
                out += (self._head, _encode(event.arguments), _TAIL)
            elif isinstance(event, ToolCallStarted):
                call = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
                self._open(ToolCallStarted, _encode(call), out)
            elif isinstance(event, Finished):
                self._finish(event, out)
            elif isinstance(event, Progress):
                self._usage = Usage(prompt=event.total, cached=event.cached)
        return b"".join(out)

    def end(self) -> bytes:
        """Return the last frame."""
        return _STOP

    def _thought(self, text: str, out: list[bytes]) -> None:
        if self._kind is not ReasoningDelta:
            self._open(ReasoningDelta, _BEGUN[ReasoningDelta], out)
        if self._shown:
            self._seal.add(text)
            out += (self._head, _encode(text), _TAIL)
        else:
            self._carried.append(text)

    def _open(self, kind: type[Event], block: bytes, out: list[bytes]) -> None:
        """Begin the next block; its deltas are of one kind."""
        self._close(out)
        self._kind = kind
        self._index += 1
        number = str(self._index).encode()
        out.append(_frame("content_block_start", b'"index":' + number + b',"content_block":' + block))
        self._head = (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":' + number + b',"delta":'
            + _KEYS[kind]
        )  # fmt: skip

    def _close(self, out: list[bytes]) -> None:
        """End the open block, a thought with its signature."""
        if self._kind is None:
            return
        number = b'"index":' + str(self._index).encode()
        if self._kind is ReasoningDelta:
            signature = self._seal.signature() if self._shown else self._signer.carry("".join(self._carried))
            self._seal, self._carried = self._signer.seal(), []
            delta = b',"delta":{"type":"signature_delta","signature":' + _encode(signature) + b"}"
            out.append(_frame("content_block_delta", number + delta))
        out.append(_frame("content_block_stop", number))
        self._kind = None

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        self._close(out)
        delta = {"stop_reason": stop_reason(event.reason, event.stop), "stop_sequence": event.stop}
        counts = _encode(usage_body(event.usage))
        out.append(_frame("message_delta", b'"delta":' + _encode(delta) + b',"usage":' + counts))


def _frame(kind: str, rest: bytes) -> bytes:
    name = kind.encode()
    return b"event: " + name + b'\ndata: {"type":"' + name + b'",' + rest + b"}\n\n"
