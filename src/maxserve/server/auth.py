"""Who may call: bearer keys, kept and compared as digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from ..chat import Unauthorized
from .exchange import Exchange, Scope

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

        Takes `Authorization: Bearer`, `x-api-key` and `api-key`, and Cloudflare's `cf-aig-authorization: Bearer`
        and `x-auth-key`. Beside `cf-aig-authorization` another may be wrong: on Cloudflare's gateway host it is meant
        for the provider. Raises `Unauthorized`.
        """
        if not self._digests:
            return None
        secrets = _secrets(scope)
        if not secrets:
            raise Unauthorized("No API key was given. Send it as 'Authorization: Bearer YOUR_KEY'.")
        return self._known(secrets)

    @staticmethod
    def carried(scope: Scope) -> bool:
        """Whether a request carries a key in its headers, right or wrong."""
        return bool(_secrets(scope))

    def knows(self, key: str) -> bool:
        """Whether the key with that id opens the server still; on an open server every one does."""
        return not self._digests or any(digest.startswith(key) for digest in self._digests)

    def identify(self, secret: str) -> str | None:
        """Return the id of a key that came by itself, None on an open server; raises `Unauthorized`."""
        return self._known([secret]) if self._digests else None

    def _known(self, secrets: list[str]) -> str:
        for secret in secrets:
            digest = _digest(secret)
            if digest in self._digests:
                return digest[:_ID]
        raise Unauthorized(f"The API key '{_masked(secrets[0])}' is not known here.")


def _secrets(scope: Scope) -> list[str]:
    """The keys that a request carries: the one in `Authorization`, else the others', and the gateway's own."""
    bearer: list[str] = []
    gateway: list[str] = []
    plain: list[str] = []
    for name, value in scope["headers"]:
        if name in (b"authorization", b"cf-aig-authorization"):
            scheme, _, token = value.partition(b" ")
            if scheme.lower() == b"bearer" and token:
                (bearer if name == b"authorization" else gateway).append(token.strip().decode("latin-1"))
        elif name in (b"x-api-key", b"api-key", b"x-auth-key"):
            plain = [value.decode("latin-1")]
    return [*(bearer[:1] or plain), *gateway[:1]]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _masked(secret: str) -> str:
    """Enough of a key to recognise it, too little to use it."""
    return f"{secret[:3]}…{secret[-2:]}" if len(secret) >= 12 else "…"
