"""A small moderation endpoint on the loopback: it sees what its words say, and can fail in every way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Endpoint:
    """A running endpoint: where it is, what it was asked, and what it does next.

    `words` maps a word to the category that an input with it has. `fault` is a status, or a body to answer instead of
    a judgement; "silence" = hang until the end.
    """

    def __init__(self, url: str, words: Mapping[str, str]) -> None:
        self.url = url
        self.words = words
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.fault: int | bytes | str | None = None
        self.over = threading.Event()

    @property
    def inputs(self) -> list[str]:
        """All inputs so far."""
        return [text for body in self.asked for text in body["input"]]

    def answer(self, body: dict[str, Any]) -> bytes:
        names = sorted(set(self.words.values()))
        results = []
        for text in body["input"]:
            said = {name: any(word in text for word, own in self.words.items() if own == name) for name in names}
            scores = {name: float(value) for name, value in said.items()}
            results.append({"flagged": any(said.values()), "categories": said, "category_scores": scores})
        return json.dumps({"id": "modr-1", "model": body.get("model"), "results": results}).encode()


@contextmanager
def moderating(words: Mapping[str, str]) -> Iterator[Endpoint]:
    """Run one on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.path == "/v1/moderations"
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            endpoint.asked.append(body)
            endpoint.keys.append(self.headers["authorization"])
            if endpoint.fault == "silence":
                endpoint.over.wait(30)
                return
            status = endpoint.fault if isinstance(endpoint.fault, int) else 200
            data = endpoint.fault if isinstance(endpoint.fault, bytes) else endpoint.answer(body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", words)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
