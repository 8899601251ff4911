"""Server-sent events in batches: what one read brought is decoded in one step."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

MAX_EVENT = 64 * 1024 * 1024
"""Bytes of one unfinished event beyond which the stream is taken for broken."""

_DONE = b"[DONE]"
_LAST = b"data: [DONE]\n\n"


class EventReader(Generic[T]):
    """Cuts a byte stream into events and decodes their JSON payloads.

    The usual read is whole events of the form `data: {…}` and a blank line. JSON has no raw line breaks, so joining
    the payloads with commas makes one JSON array, decoded in a single call; only where that fails (comments, other
    fields, several data lines) are the events taken apart one by one. `[DONE]` ends the stream.
    """

    def __init__(self, decoder: msgspec.json.Decoder[list[T]]) -> None:
        self._decode = decoder.decode
        self._rest = b""
        self.done = False

    def feed(self, data: bytes) -> list[T]:
        """Take more bytes and return the events that are complete now; raises `msgspec.DecodeError`."""
        if self.done:
            return []
        if self._rest:
            data = self._rest + data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if data.endswith(_LAST) and (len(data) == len(_LAST) or data.endswith(b"\n\n" + _LAST)):
            # The usual end, kept out of the batch: [DONE] is no JSON and would have every event decoded twice.
            self.done = True
            self._rest = b""
            data = data[: -len(_LAST)]
            if not data:
                return []
        end = data.rfind(b"\n\n")
        if end < 0:
            if len(data) > MAX_EVENT:
                raise msgspec.DecodeError("An event of the stream has no end.")
            self._rest = data
            return []
        if end + 2 == len(data):
            self._rest = b""
            batch = data[6:end]
        else:
            self._rest = data[end + 2 :]
            batch = data[6:end]
        if data.startswith(b"data: "):
            try:
                return self._decode(b"[" + batch.replace(b"\n\ndata: ", b",") + b"]")
            except msgspec.DecodeError:
                pass
        return self._one_by_one(data[:end])

    def finish(self) -> list[T]:
        """Return the last event where the stream ended without its blank line."""
        rest, self._rest = self._rest, b""
        if self.done or not rest.strip():
            return []
        return self._one_by_one(rest.rstrip(b"\n"))

    def _one_by_one(self, batch: bytes) -> list[T]:
        payloads = []
        for event in batch.split(b"\n\n"):
            lines = []
            for line in event.split(b"\n"):
                field, _, value = line.partition(b":")
                # llama.cpp once wrote errors in a field of that name.
                if field in (b"data", b"error"):
                    lines.append(value.removeprefix(b" "))
            payload = b"\n".join(lines)
            if payload == _DONE:
                self.done = True
                break
            if payload:
                payloads.append(payload)
        return self._decode(b"[" + b",".join(payloads) + b"]")
