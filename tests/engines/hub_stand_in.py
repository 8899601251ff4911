"""A hub on loopback: the calls that huggingface_hub makes for `models pull`, and the faults that networks have."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Repositories as folders in memory; `requests` has what was asked, `cut_after` cuts one transfer short."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.licences: dict[str, str] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.cut_after: int | None = None
        self.refuse_after_cut = False
        self.down = False
        self.url = ""

    def ranges(self, name: str) -> list[str | None]:
        """The Range headers of the downloads of file `name`, in order."""
        return [range_ for method, path, range_ in self.requests if method == "GET" and path.endswith(f"/{name}")]


@contextmanager
def hub_stand_in() -> Iterator[Hub]:
    """Run a hub in a thread."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            path = urlsplit(self.path).path
            hub.requests.append((self.command, path, self.headers.get("range")))
            parts = path.strip("/").split("/")
            if parts[:2] == ["api", "models"]:
                self._describe("/".join(parts[2:4]), parts[5] if parts[4:5] == ["revision"] else "main")
            elif len(parts) > 4 and parts[2] == "resolve":
                self._send("/".join(parts[:2]), "/".join(parts[4:]), body=body)
            else:
                self._json(404, {"error": "no such path"})

        def _describe(self, repo: str, revision: str) -> None:
            if repo not in hub.files:
                self._json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
                return
            if revision not in ("main", COMMIT):
                self._json(404, {"error": "Revision not found"}, {"X-Error-Code": "RevisionNotFound"})
                return
            siblings = [{"rfilename": name, "size": len(data)} for name, data in hub.files[repo].items()]
            card = {"license": hub.licences[repo]} if repo in hub.licences else {}
            self._json(200, {"id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings, "cardData": card})

        def _send(self, repo: str, name: str, *, body: bool) -> None:
            data = hub.files[repo][name]
            if hub.down and body:
                self._json(404, {"error": "gone for now"}, {"X-Error-Code": "EntryNotFound"})
                return
            first = 0
            wanted = self.headers.get("range")
            if wanted is not None and body:
                first = int(wanted.removeprefix("bytes=").split("-")[0])
            self.send_response(206 if first else 200)
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(data) - first))
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            if not body:
                return
            if hub.cut_after is not None and first == 0:
                self.wfile.write(data[: hub.cut_after])
                self.wfile.flush()
                self.close_connection = True
                hub.cut_after = None
                hub.down = hub.refuse_after_cut
                return
            self.wfile.write(data[first:])

        def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for key, text in (headers or {}).items():
                self.send_header(key, text)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
