"""A server that answers chat requests by script, for what a real model does only by chance: errors, calls, silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Scripted:
    """What the server heard, and what it will say: a list of SSE payloads, an error (status, body), or "hang"."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[Any] = []
        self.hung_up = threading.Event()


def text(*pieces: str, thought: str = "", reason: str = "stop") -> list[dict[str, Any]]:
    """The frames of an answer."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": thought}] if thought else []
    deltas += [{"content": piece} for piece in pieces]
    frames: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    frames.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    frames.append({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}})
    return frames


def call(name: str, *arguments: str) -> list[dict[str, Any]]:
    """The frames of a tool call."""
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}}
    deltas = [{"tool_calls": [first]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in arguments]
    frames: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    return [*frames, {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}]


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    """Run one on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            names = ("MiniMax-M2.7", "minimax/m3")
            self._whole(200, json.dumps({"data": [{"id": name} for name in names]}).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            script.requests.append(body)
            script.headers.append(dict(self.headers))
            answer = script.answers.pop(0)
            if isinstance(answer, tuple):
                status, payload = answer
                self._whole(status, payload if isinstance(payload, bytes) else json.dumps(payload).encode())
            elif not body.get("stream"):
                self._whole(200, json.dumps(answer).encode())
            else:
                self._stream(answer)

        def _whole(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("x-maxserve-checkpoint", "demo-m2")
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, frames: Any) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("x-maxserve-checkpoint", "demo-m2")
            self.end_headers()
            self._chunk(b": prompt 1/2\n\n")
            for frame in frames:
                if frame == "hang":
                    # Until the client hangs up: then a read returns nothing.
                    self.rfile.read(1)
                    script.hung_up.set()
                    return
                self._chunk(b"data: " + json.dumps(frame).encode() + b"\n\n")
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script = Scripted(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
