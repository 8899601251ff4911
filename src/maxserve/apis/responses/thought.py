"""Thoughts that travel in `encrypted_content`, for clients that send nothing else of a thought back.

Agents that keep no state on the server ask for `reasoning.encrypted_content` and return only that and the summary. A
model of MiniMax's loses much when its thoughts are missing in a tool loop (docs/wire/minimax.md §4.3), so the field
holds the thought itself: signed, so that a damaged or foreign one is known, but not secret, as the item's `content`
shows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PREFIX = "maxserve-1."
_SIZE = 32
_PURPOSE = b"responses.reasoning\x00"
"""Goes before what is signed: a secret that signs other things as well must not vouch for them here."""


class Sealer:
    """Seals with `secret`, and opens what was sealed with it, by this server or another that has the same one."""

    def __init__(self, secret: bytes) -> None:
        self._begun = hmac.new(secret, _PURPOSE, hashlib.sha256)

    def seal(self, thought: str) -> str:
        """Return a thought as `encrypted_content`."""
        data = thought.encode("utf-8", "surrogatepass")
        return _PREFIX + base64.b64encode(self._digest(data) + data).decode()

    def open(self, content: str) -> str | None:
        """Return the thought in an `encrypted_content`, None where it is damaged or was made elsewhere."""
        if not content.startswith(_PREFIX):
            return None
        try:
            data = base64.b64decode(content.removeprefix(_PREFIX).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        digest, thought = data[:_SIZE], data[_SIZE:]
        return thought.decode("utf-8", "surrogatepass") if hmac.compare_digest(digest, self._digest(thought)) else None

    def _digest(self, data: bytes) -> bytes:
        seal = self._begun.copy()
        seal.update(data)
        return seal.digest()
