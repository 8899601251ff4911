"""Streams: MiniMax's chunks, with usage on the last one of every stream (docs/wire/cloudflare.md §8).

Usage stands on the chunk that has the finish reason, because the vendor's own AI SDK provider never asks for it and
reads it nevertheless; a request with `include_usage` gets OpenAI's chunk without choices as well. `gatewayMetadata` is
on the last chunk.
"""

from __future__ import annotations

import msgspec

from ...chat import Finished, Usage
from ..adapter import ResponseContext
from ..minimax import MinimaxStream, trace_id
from ..minimax.sensitivity import HARMLESS, flags, refuse
from ..minimax.stream import WHO
from ..openai_chat.frames import DONE
from .response import METADATA, usage_body

_encode = msgspec.json.Encoder().encode
_METADATA = b',"gatewayMetadata":' + _encode(METADATA) + b"}\n\n"


class CloudflareStream(MinimaxStream):
    """Turns batches of events into frames; thoughts are always in fields of their own."""

    __slots__ = ()

    def __init__(self, reply: ResponseContext, *, n: int, include_usage: bool) -> None:
        super().__init__(
            id=trace_id(reply.context),
            created=reply.context.created,
            model=reply.model.name,
            family=reply.model.family,
            n=n,
            include_usage=include_usage,
            split=True,
        )

    def end(self) -> bytes:
        """Return the usage in a chunk of its own where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        chunk = b'data: {"id":' + _encode(self._id) + b',"choices":[' + self._common
        return chunk + self._counts() + HARMLESS[:-3] + _METADATA + DONE

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        refuse(event.reason, event.sensitivity)
        last = len(self._usage) == len(self._before)
        end = flags(event.sensitivity)
        end = end[:-3] + _METADATA if last and not self._include_usage else end
        out += (
            self._before[event.index], b'""', WHO, b'},"finish_reason":', _encode(event.reason), b"}", self._common,
            self._counts() if last else b"null", end,
        )  # fmt: skip

    def _counts(self) -> bytes:
        return _encode(usage_body(Usage.of_answer(self._usage), self._family))
