"""Thoughts that travel in `encrypted_content`, for clients that send nothing else of a thought back.

Agents that keep no state on the server ask for `reasoning.encrypted_content` and return only that and the summary. A
model of MiniMax's loses much when its thoughts are missing in a tool loop (specs/minimax.md §4.3), so the field holds
the thought itself. It is encoded, not secret: the same text stands in the item's `content`. A digest tells a damaged
value, and one of another service, from ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

_PREFIX = "maxserve-1."
_DIGEST = 12


def sealed(text: str) -> str:
    """Return a thought as `encrypted_content`."""
    data = text.encode("utf-8", "replace")
    return _PREFIX + base64.urlsafe_b64encode(_digest(data) + data).decode()


def opened(content: str) -> str | None:
    """Return the thought in an `encrypted_content`, None where it is damaged or was made elsewhere."""
    if not content.startswith(_PREFIX):
        return None
    try:
        data = base64.b64decode(content.removeprefix(_PREFIX), altchars=b"-_", validate=True)
        digest, text = data[:_DIGEST], data[_DIGEST:]
        return text.decode() if digest == _digest(text) else None
    except (binascii.Error, ValueError):
        return None


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
