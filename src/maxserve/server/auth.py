"""Who may call: bearer keys, kept and compared as digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from ..chat import Unauthorized
from .asgi import Exchange, Scope

_PREFIX = "sha256:"
_ID = 12


class Keys:
    """The keys that open the server; with none configured it is open.

    A key is the secret itself or `sha256:` and its digest in hex. Only digests are kept, and looking one up takes the
    same time whatever part of a guess is right. `flavours` are those that the configuration fixes for single keys, by
    `sha256:` and the beginning of the digest.
    """

    def __init__(self, keys: Iterable[str], flavours: Mapping[str, str] | None = None) -> None:
        self._digests = frozenset(
            key.removeprefix(_PREFIX).lower() if key.startswith(_PREFIX) else _digest(key) for key in keys
        )
        self._flavours = {name.removeprefix(_PREFIX)[:_ID]: flavour for name, flavour in (flavours or {}).items()}

    def __bool__(self) -> bool:
        return bool(self._digests)

    def admit(self, exchange: Exchange) -> None:
        """Let the exchange know who calls; raises `Unauthorized`."""
        key = self.check(exchange.scope)
        if key is not None:
            exchange.known_as(key, self._flavours.get(key))

    def check(self, scope: Scope) -> str | None:
        """Return the caller's key id (the beginning of its digest), None on an open server.

        Takes `Authorization: Bearer`, `x-api-key` and `api-key`; raises `Unauthorized`.
        """
        if not self._digests:
            return None
        secret = _secret(scope)
        if secret is None:
            raise Unauthorized("No API key was given. Send it as 'Authorization: Bearer YOUR_KEY'.")
        digest = _digest(secret)
        if digest not in self._digests:
            raise Unauthorized(f"The API key '{_masked(secret)}' is not known here.")
        return digest[:_ID]


def _secret(scope: Scope) -> str | None:
    found: str | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() == b"bearer" and token:
                return str(token.strip().decode("latin-1"))
        elif name in (b"x-api-key", b"api-key"):
            found = value.decode("latin-1")
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _masked(secret: str) -> str:
    """Enough of a key to recognise it, too little to use it."""
    return f"{secret[:3]}…{secret[-2:]}" if len(secret) >= 12 else "…"
