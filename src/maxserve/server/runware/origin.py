"""Which web pages may call a server without keys.

Browsers let any page open a WebSocket to any address and read what comes, and send what it likes by POST if it cannot
read the answer: without this a page on the Internet could use the server on its visitor's own machine. Where there are
keys, a page without one gets nowhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ...config import is_loopback
from ..exchange import Scope


def is_foreign_origin(scope: Scope) -> bool:
    """Whether a page asks that came neither from this server nor from this machine; other programs name no origin."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is None:
        return False
    host = _host(origin.decode("latin-1"))
    return host is None or not (is_loopback(host) or host == _host("//" + headers.get(b"host", b"").decode("latin-1")))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
