"""An API key: its identity, and the settings that hold for its requests."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import msgspec

DIGEST_PREFIX = "sha256:"
ID_LENGTH = 12
"""Hex digits of a digest that make a key's id."""
MaskingRule = Literal["on", "off", "always"]
"""Masking of one key's answers: "on" and "off" hold where a request does not say, "always" overrides the request."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}").fullmatch


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One API key. The secret itself is not kept."""

    digest: str
    """The SHA-256 of the secret, 64 hex digits in lower case."""
    name: str | None = None
    """The name of its `[keys.NAME]` table, None for a key of `[auth] keys`."""
    flavour: str | None = None
    """The API whose form `/v1/chat/completions` takes for this key, None = decided by the model's name."""
    masking: MaskingRule | None = None
    """How its answers are masked, None = as configured for all."""
    accounts: tuple[str, ...] = ()
    """The account ids that are bound to it; the first one is used where a path names none."""
    webhook_secrets: tuple[str, ...] = ()
    """The secrets (`whsec_…`) that sign its webhooks, empty = those configured for all."""

    @property
    def id(self) -> str:
        """The public id of the key: the first twelve hex digits of its digest."""
        return self.digest[:ID_LENGTH]


def digest_of(key: str) -> str:
    """Return the SHA-256 (64 hex digits) of a key that is given as its secret or as `sha256:` and its digest.

    Raises `ValueError` where the text is empty, has blanks around it, or begins with `sha256:` and is not a digest.
    """
    if not key or key != key.strip() or (key.startswith(DIGEST_PREFIX) and not _DIGEST(key)):
        raise ValueError("a key is the secret, without blanks around it, or sha256: and 64 hex digits in lower case")
    return key.removeprefix(DIGEST_PREFIX) if key.startswith(DIGEST_PREFIX) else hash_secret(key)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret as 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def key_id(text: str) -> str:
    """Return the id of a key that is given as its id or as `sha256:` and its digest, whole or cut."""
    return text.removeprefix(DIGEST_PREFIX).lower()[:ID_LENGTH]
