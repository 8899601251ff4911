"""Writes a completion as server-sent events; the hot path, glued from bytes made once per stream."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...chat import Event, Finished, TextDelta, Usage
from ..openai_chat.frames import DONE
from ..openai_chat.usage import usage_body
from .probability import Offsets

_encode = msgspec.json.Encoder().encode


class CompletionStream:
    """Turns batches of events into frames; each result ends with an empty text and its reason.

    Of the `results`, every `n` share a prompt. `include_usage` adds `usage: null` to every frame and one frame with
    `choices: []` at the end.
    """

    __slots__ = ("_ends", "_include_usage", "_middles", "_n", "_offsets", "_open", "_tails", "_top", "_usage")

    def __init__(
        self, *, id: str, created: int, model: str, checkpoint: str, results: int, n: int, include_usage: bool
    ) -> None:
        self._top = (
            b'data: {"id":' + _encode(id) + b',"object":"text_completion","created":' + str(created).encode()
            + b',"model":' + _encode(model) + b',"system_fingerprint":' + _encode(checkpoint) + b',"choices":['
        )  # fmt: skip
        self._open = self._top + b'{"text":'
        self._include_usage = include_usage
        self._ends = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
        self._middles = [b',"index":' + str(i).encode() + b',"logprobs":' for i in range(results)]
        self._tails = [middle + b'null,"finish_reason":null}' + self._ends for middle in self._middles]
        self._offsets = [Offsets() for _ in range(results)]
        self._usage = [Usage()] * results
        self._n = n

    def start(self) -> bytes:
        """Return nothing: no frame of this API comes before the text."""
        return b""

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                index = event.index
                if event.logprobs is None:
                    out += (self._open, _encode(event.text), self._tails[index])
                else:
                    out += (
                        self._open, _encode(event.text), self._middles[index],
                        _encode(self._offsets[index].body(event.logprobs)), b',"finish_reason":null}', self._ends,
                    )  # fmt: skip
            elif type(event) is Finished:
                self._usage[event.index] = event.usage
                out += (
                    self._open, b'""', self._middles[event.index], b'null,"finish_reason":', _encode(event.reason),
                    b"}", self._ends,
                )  # fmt: skip
        return b"".join(out)

    def end(self) -> bytes:
        """Return the usage frame where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        usage = _encode(usage_body(Usage.of_answer(self._usage, self._n)))
        return self._top + b'],"usage":' + usage + b"}\n\n" + DONE
