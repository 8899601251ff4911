"""Signatures of webhook requests, by the public rules of Standard Webhooks.

Three headers: `webhook-id` (the same on all attempts), `webhook-timestamp` (Unix seconds of this attempt) and
`webhook-signature`: `v1,` and the Base64 of an HMAC-SHA256 over `ID.TIMESTAMP.BODY`, once per secret, blanks between.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""
_PREFIX = "whsec_"


class Signer:
    """Signs webhook requests with the secrets of the task's owner, else with the default ones, or not at all.

    `secrets` are the default ones, `by_owner` those of single owners by key id. Each is `whsec_` and the Base64 of 24
    to 64 bytes; each of an owner's secrets adds a signature. Raises `ValueError`, without showing a secret.
    """

    def __init__(self, secrets: Iterable[str] = (), by_owner: Mapping[str, Iterable[str]] | None = None) -> None:
        self._default = decode_secrets(secrets)
        self._by_owner = {owner: decode_secrets(own) for owner, own in (by_owner or {}).items()}

    def headers(self, owner: str, id: str, at: int, body: bytes) -> list[tuple[bytes, bytes]]:
        """Return the headers of an attempt at `at` (Unix seconds); id and time alone where there is no secret."""
        headers = [(b"webhook-id", id.encode()), (b"webhook-timestamp", b"%d" % at)]
        keys = self._by_owner.get(owner) or self._default
        if keys:
            content = b"%s.%d.%s" % (id.encode(), at, body)
            signatures = (base64.b64encode(hmac.digest(key, content, hashlib.sha256)) for key in keys)
            headers.append((b"webhook-signature", b" ".join(b"v1," + signature for signature in signatures)))
        return headers


def decode_secrets(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Return the bytes of secrets; raises `ValueError` for one that is not `whsec_` and Base64 of the right length."""
    return tuple(map(_decode, secrets))


def _decode(secret: str) -> bytes:
    rule = f"each secret must be {_PREFIX} and the Base64 of {SHORTEST} to {LONGEST} random bytes"
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{rule}; one is not Base64") from None
    if text == secret:
        raise ValueError(f"{rule}; one does not begin with {_PREFIX}")
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"{rule}; one has {len(key)} bytes")
    return key
