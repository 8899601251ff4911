"""A server that answers without work, in a process of its own: what the load generator's own limit is measured against.

`python -m maxserve.bench.instant stream|whole FRAMES` prints its port, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import msgspec

from .loop import loop_factory

_FRAME = (
    b'data: {"id":"chatcmpl-0000000000000000000000000000","object":"chat.completion.chunk","created":1763712000,'
    b'"model":"ceiling","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n'
)
_DONE = b"data: [DONE]\n\n"


def canned(stream: bool, frames: int) -> bytes:
    """Return the answer that the server gives to every request, head and all."""
    if not stream:
        body = msgspec.json.encode(
            {
                "object": "chat.completion",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": " word" * frames}}],
                "usage": {"prompt_tokens": 1, "completion_tokens": frames, "total_tokens": frames + 1},
            }
        )
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    # One HTTP chunk to a frame, as most servers write: the costliest form for the reader.
    return head + _chunk(_FRAME) * frames + _chunk(_DONE) + b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Instant(asyncio.Protocol):
    """Answers every request with the same bytes; takes only what this room's client writes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._got = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, blank, body = self._got.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.rpartition(b"Content-Length: ")[2].split(b"\r\n")[0])
        if len(body) >= length:
            self._got = b""
            assert self._transport is not None
            self._transport.write(self._answer)


async def _serve(answer: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Instant(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


def main() -> None:
    """Serve until standard input ends."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(canned(sys.argv[1] == "stream", int(sys.argv[2]))))


if __name__ == "__main__":
    main()
