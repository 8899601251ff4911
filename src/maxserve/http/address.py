"""Where a server listens: a Unix-domain socket, or a host and port with or without TLS."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True):
    """A server's place; `socket` is a Unix-domain socket's path, "" for TCP, and `prefix` goes before every path."""

    host: str = "localhost"
    port: int = 80
    tls: bool = False
    socket: str = ""
    prefix: str = ""

    @staticmethod
    def parse(url: str) -> Address:
        """Read `http://host:port/prefix`, `https://…` or `unix:///path`; raises `ValueError` for anything else."""
        parts = urlsplit(url)
        if parts.scheme == "unix":
            if not parts.path.startswith("/") or parts.netloc:
                raise ValueError(f"'{url}' is not an address of the form unix:///path/to/socket.")
            return Address(socket=parts.path)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"'{url}' is not an http, https or unix address.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("An engine's address holds no user, query or fragment; give its key as `key`.")
        tls = parts.scheme == "https"
        return Address(
            host=parts.hostname, port=parts.port or (443 if tls else 80), tls=tls, prefix=parts.path.rstrip("/")
        )

    @property
    def authority(self) -> str:
        """What the Host header says."""
        if self.socket:
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        if self.socket:
            return f"unix://{self.socket}"
        return f"http{'s' if self.tls else ''}://{self.authority}{self.prefix}"
