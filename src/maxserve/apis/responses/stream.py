"""Writes a response as server-sent events.

The order is OpenAI's: created, in_progress, then each item (added, its deltas, done), then completed or incomplete. A
failure in mid-stream is told twice: by `response.failed`, which agents act on, and by an `error` frame after it, on
which OpenAI's SDKs raise. There is no `[DONE]`: no SDK waits for it here.

The hot path: a delta's frame is glued from bytes made once per item and the delta's own JSON string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ...chat import (
    Error,
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
)
from . import item
from .custom import Input
from .errors import failure
from .response import Response
from .thought import Sealer
from .tools import Offer

FIRST = 2
"""The number of the first frame after `start`, whose frames are asked for once there is something to follow them."""

_encode = msgspec.json.Encoder().encode
_NONE, _THOUGHT, _TEXT, _FUNCTION, _CUSTOM = range(5)
_INCOMPLETE: dict[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
_DELTAS = {
    _THOUGHT: b"response.reasoning_text",
    _TEXT: b"response.output_text",
    _FUNCTION: b"response.function_call_arguments",
    _CUSTOM: b"response.custom_tool_call_input",
}


class ResponseStream:
    """Turns batches of events into frames, and keeps what the last frame repeats: the whole response.

    `offers` are the tools by the names that the model knows them by; `sealer` makes `encrypted_content`, None where
    none was asked for.
    """

    __slots__ = (
        "_call",
        "_custom",
        "_delta",
        "_finished",
        "_held",
        "_held_logprobs",
        "_id",
        "_item_id",
        "_items",
        "_kind",
        "_logprobs",
        "_offers",
        "_pieces",
        "_place",
        "_response",
        "_sealer",
        "_sequence",
        "_started",
        "_tail",
    )

    def __init__(self, response: Response, id: str, offers: Mapping[str, Offer], sealer: Sealer | None = None) -> None:
        self._response = response
        self._id = id
        self._offers = offers
        self._sealer = sealer
        self._sequence = FIRST
        self._started = False
        self._items: list[bytes] = []
        self._kind = _NONE
        self._item_id = ""
        self._place = self._delta = self._tail = b""
        self._pieces: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._call: ToolCallStarted | None = None
        self._custom = Input()
        self._held = ""
        self._held_logprobs: tuple[TokenLogprob, ...] = ()
        self._finished: Finished | None = None

    def start(self) -> bytes:
        """Return the first frames."""
        self._started = True
        body = b'"response":' + self._response.write("in_progress", [])
        return _frame(b"response.created", 0, body) + _frame(b"response.in_progress", 1, body)

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                self._text(event.text, event.logprobs, out)
            elif type(event) is ReasoningDelta:
                self._thought(event.text, out)
            elif type(event) is ToolCallDelta:
                self._arguments(event.arguments, out)
            elif type(event) is ToolCallStarted:
                self._start_call(event, out)
            elif type(event) is Finished:
                self._finish(event, out)
        return b"".join(out)

    def end(self) -> bytes:
        """Return the last frame: the whole response."""
        finished = self._finished
        assert finished is not None  # the service ends every answer with it
        complete = finished.reason not in _INCOMPLETE
        name = b"response.completed" if complete else b"response.incomplete"
        return self._frame(name, b'"response":' + self.body(finished))

    def body(self, finished: Finished) -> bytes:
        """Return the response object of a complete answer."""
        if (reason := _INCOMPLETE.get(finished.reason)) is not None:
            return self._response.write("incomplete", self._items, finished.usage, reason=reason)
        return self._response.write("completed", self._items, finished.usage)

    def fail(self, error: Error, body: bytes) -> bytes:
        """Return the frames that end the stream with an error, whose own form is the JSON object `body`."""
        first = b"" if self._started else self.start()
        told = b'"response":' + self._response.write("failed", self._items, error=failure(error))
        # `body` is {"error": …}: its inside goes on after the frame's own fields.
        return first + self._frame(b"response.failed", told) + self._frame(b"error", body[1:-1])

    def _text(self, text: str, logprobs: tuple[TokenLogprob, ...] | None, out: list[bytes]) -> None:
        if self._kind != _TEXT:
            if self._call is not None:
                # White space after a call is no message: it waits for words.
                text = self._held + text
                logprobs = (*self._held_logprobs, *logprobs) if logprobs is not None else None
                if not text.strip():
                    self._held, self._held_logprobs = text, logprobs or ()
                    return
            self._open(_TEXT, "msg", out)
        self._pieces.append(text)
        if not logprobs:
            out += (self._delta, str(self._sequence).encode(), self._place, _encode(text), self._tail)
        else:
            self._logprobs += logprobs
            told = _encode(item.probabilities(logprobs))
            out += (
                self._delta, str(self._sequence).encode(), self._place, _encode(text), b',"logprobs":', told, b"}\n\n",
            )  # fmt: skip
        self._sequence += 1

    def _thought(self, text: str, out: list[bytes]) -> None:
        if self._kind != _THOUGHT:
            self._open(_THOUGHT, "rs", out)
        self._pieces.append(text)
        out += (self._delta, str(self._sequence).encode(), self._place, _encode(text), self._tail)
        self._sequence += 1

    def _arguments(self, arguments: str, out: list[bytes]) -> None:
        if self._kind == _CUSTOM:
            arguments = self._custom.feed(arguments)
            if not arguments:
                return
        else:
            self._pieces.append(arguments)
        out += (self._delta, str(self._sequence).encode(), self._place, _encode(arguments), self._tail)
        self._sequence += 1

    def _start_call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        self._close("completed", out)
        offer = self._offers.get(event.name)
        self._call = event
        free = offer is not None and offer.custom
        if free:
            self._custom = Input()
        self._open(_CUSTOM if free else _FUNCTION, item.call_kind(offer), out)

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        self._finished = event
        if self._kind in (_NONE, _THOUGHT) and event.reason == "stop":
            self._open(_TEXT, "msg", out)  # an answer without calls has a message, were it empty
        self._close("incomplete" if event.reason in _INCOMPLETE else "completed", out)

    def _open(self, kind: int, prefix: str, out: list[bytes]) -> None:
        """Begin an item."""
        self._close("completed", out)
        number = len(self._items)
        self._kind = kind
        self._item_id = item.item_id(prefix, self._id, number)
        if kind in (_THOUGHT, _TEXT):
            self._call = None
        place = b'"item_id":' + _encode(self._item_id) + b',"output_index":' + str(number).encode()
        part = None
        if kind == _THOUGHT:
            part = {"type": "reasoning_text", "text": ""}
        elif kind == _TEXT:
            part = item.output_text("", ())
        if part is not None:
            place += b',"content_index":0'
        name = _DELTAS[kind] + b".delta"
        self._delta = b"event: " + name + b'\ndata: {"type":"' + name + b'","sequence_number":'
        self._place = b"," + place + b',"delta":'
        self._tail = b',"logprobs":[]}\n\n' if kind == _TEXT else b"}\n\n"
        output = b'"output_index":' + str(number).encode()
        out.append(
            self._frame(b"response.output_item.added", output + b',"item":' + self._item("in_progress", begun=False))
        )
        if part is not None:
            out.append(self._frame(b"response.content_part.added", place + b',"part":' + _encode(part)))

    def _close(self, status: str, out: list[bytes]) -> None:
        """End the open item, if there is one."""
        kind = self._kind
        self._held, self._held_logprobs = "", ()
        if kind == _NONE:
            return
        if kind == _CUSTOM and (rest := self._custom.finish()):
            out += (self._delta, str(self._sequence).encode(), self._place, _encode(rest), self._tail)
            self._sequence += 1
        text = self._custom.text if kind == _CUSTOM else "".join(self._pieces)
        place = self._place.removesuffix(b',"delta":')[1:]
        done = _DELTAS[kind] + b".done"
        if kind == _THOUGHT:
            out.append(self._frame(done, place + b',"text":' + _encode(text)))
            part = {"type": "reasoning_text", "text": text}
            out.append(self._frame(b"response.content_part.done", place + b',"part":' + _encode(part)))
        elif kind == _TEXT:
            told = _encode(item.probabilities(self._logprobs))
            out.append(self._frame(done, place + b',"text":' + _encode(text) + b',"logprobs":' + told))
            part = item.output_text(text, self._logprobs)
            out.append(self._frame(b"response.content_part.done", place + b',"part":' + _encode(part)))
        else:
            field = b',"input":' if kind == _CUSTOM else b',"arguments":'
            out.append(self._frame(done, place + field + _encode(text)))
        whole = self._item(status)
        output = b'"output_index":' + str(len(self._items)).encode()
        out.append(self._frame(b"response.output_item.done", output + b',"item":' + whole))
        self._items.append(whole)
        self._kind = _NONE
        self._pieces, self._logprobs = [], []

    def _item(self, status: str, *, begun: bool = True) -> bytes:
        """Return the open item as it stands."""
        kind = self._kind
        text = "".join(self._pieces) if begun else None
        if kind == _THOUGHT:
            return item.reasoning(self._item_id, text, status, self._sealer)
        if kind == _TEXT:
            return item.message(self._item_id, text, self._logprobs, status)
        call = self._call
        assert call is not None  # a call is open
        if kind == _CUSTOM:
            text = self._custom.text
        return item.call(self._item_id, call.id, call.name, self._offers.get(call.name), text or "", status)

    def _frame(self, name: bytes, rest: bytes) -> bytes:
        number = self._sequence
        self._sequence += 1
        return _frame(name, number, rest)


def _frame(name: bytes, number: int, rest: bytes) -> bytes:
    return (
        b"event: " + name + b'\ndata: {"type":"' + name + b'","sequence_number":' + str(number).encode() + b","
        + rest + b"}\n\n"
    )  # fmt: skip
