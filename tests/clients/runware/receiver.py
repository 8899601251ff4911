"""A receiver of webhooks on the loopback."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Answers every POST with 204 and keeps what came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: queue.Queue[tuple[str, dict[str, str], Any]] = queue.Queue()

    def next(self, timeout_s: float = 20.0) -> tuple[str, dict[str, str], Any]:
        """Wait for a request; return its path, its headers by lower-case name, and its JSON."""
        return self.requests.get(timeout=timeout_s)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run one in a thread, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            made.requests.put((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Receiver(f"http://127.0.0.1:{server.server_port}/hook?token=s3cret")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
