"""The address that is driven, and the bytes of a request to it."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One OpenAI-compatible address.

    `path` is the whole path of the completions endpoint, `chat` whether it speaks chat or plain completions, and
    `models` the path that lists the models.
    """

    url: str
    host: str
    port: int
    tls: bool
    path: str
    models: str
    chat: bool
    key: str | None = None

    @classmethod
    def parse(cls, url: str, key: str | None = None) -> Target:
        """Read an address: a server, its base up to `/v1`, or the completions endpoint itself.

        Raises `ValueError` where it is not an http or https address.
        """
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url}: not an http or https address")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError(f"{url}: give the address without user, query and fragment (a key goes into --key)")
        path = parts.path.rstrip("/")
        if path.endswith("/completions"):
            chat = path.endswith("/chat/completions")
            base = path.removesuffix("/chat/completions" if chat else "/completions")
        else:
            chat = True
            base = path or "/v1"
            path = f"{base}/chat/completions"
        tls = parts.scheme == "https"
        return cls(
            url=f"{parts.scheme}://{parts.netloc}{path}",
            host=parts.hostname,
            port=parts.port or (443 if tls else 80),
            tls=tls,
            path=path,
            models=f"{base}/models",
            chat=chat,
            key=key,
        )

    def head(self, method: str, path: str) -> bytes:
        """Return the request's first lines, without content length and the blank line."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        key = f"Authorization: Bearer {self.key}\r\n" if self.key else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {host}:{self.port}\r\nUser-Agent: maxserve-bench\r\n"
            f"Accept: */*\r\n{key}"
        ).encode()

    def post(self, body: bytes) -> bytes:
        """Return the whole request that posts `body`, a JSON text, to the completions endpoint."""
        return b"%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            self.head("POST", self.path),
            len(body),
            body,
        )

    def get(self, path: str) -> bytes:
        """Return the whole request that gets `path`."""
        return self.head("GET", path) + b"\r\n"
