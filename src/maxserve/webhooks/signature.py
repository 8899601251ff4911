"""Signatures of webhook requests, by the public rules of Standard Webhooks.

Three headers: `webhook-id` (the same on all attempts), `webhook-timestamp` (Unix seconds of this attempt) and
`webhook-signature`: `v1,` and the Base64 of an HMAC-SHA256 over `ID.TIMESTAMP.BODY`, once per secret, blanks between.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

DEFAULT = "default"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""
_PREFIX = "whsec_"
_KEY = re.compile(r"sha256:([0-9a-f]{12})[0-9a-f]{0,52}").fullmatch


class Signer:
    """Signs with the secrets of the task's owner, or else with the default ones, or not at all.

    `secrets`: `sha256:` and at least twelve hex digits of a key's digest, or "default" → secrets with blanks between,
    each `whsec_` and the Base64 of 24 to 64 bytes. Raises `ValueError`, without showing a secret.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._keys: dict[str, tuple[bytes, ...]] = {}
        for name, written in secrets.items():
            owner = _owner(name)
            if owner in self._keys:
                raise ValueError(f"Two of the names in secrets mean the same key: {name} is one of them.")
            if not written.split():
                raise ValueError(f"secrets has nothing under {name}: leave the name out, or give it a secret.")
            self._keys[owner] = tuple(_read(secret, name) for secret in written.split())

    def headers(self, owner: str, id: str, at: int, body: bytes) -> list[tuple[bytes, bytes]]:
        """Return the headers of an attempt at `at` (Unix seconds); id and time alone where there is no secret."""
        headers = [(b"webhook-id", id.encode()), (b"webhook-timestamp", b"%d" % at)]
        keys = self._keys.get(owner) or self._keys.get(DEFAULT)
        if keys:
            content = b"%s.%d.%s" % (id.encode(), at, body)
            signed = (base64.b64encode(hmac.digest(key, content, hashlib.sha256)) for key in keys)
            headers.append((b"webhook-signature", b" ".join(b"v1," + one for one in signed)))
        return headers


def _owner(name: str) -> str:
    if name == DEFAULT:
        return DEFAULT
    if (match := _KEY(name)) is None:
        rule = 'sha256: and at least 12 hex digits, in lower case, of a key\'s digest, or "default"'
        raise ValueError(f"Each name in secrets is {rule}, not {name!r}.")
    return match[1]


def _read(secret: str, name: str) -> bytes:
    rule = f"is {_PREFIX} and the Base64 of {SHORTEST} to {LONGEST} random bytes"
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"Each secret {rule}; one under {name} is no Base64.") from None
    if text == secret:
        raise ValueError(f"Each secret {rule}; one under {name} does not begin with {_PREFIX}.")
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"Each secret {rule}; one under {name} has {len(key)}.")
    return key
