"""The API keys of a server, and the check of the key that a request carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..chat import Unauthorized
from .key import Key, hash_secret

Headers = Iterable[tuple[bytes, bytes]]
"""Header names in lower case, and their values."""


class Keys:
    """All keys that are accepted. A server without keys is open to everybody who can reach it.

    Keys are found by their digests in a hash table, so the time of a look-up says nothing about a secret.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self._by_digest = {key.digest: key for key in keys}
        self._by_id = {key.id: key for key in self._by_digest.values()}

    def __bool__(self) -> bool:
        return bool(self._by_digest)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_digest.values())

    def authenticate(self, headers: Headers) -> Key | None:
        """Return the key that a request carries, None on a server without keys.

        Takes `Authorization: Bearer`, `x-api-key` and `api-key`, and Cloudflare's `cf-aig-authorization: Bearer` and
        `x-auth-key`. If `cf-aig-authorization` holds a known key, the `Authorization` header may hold anything: on
        Cloudflare's gateway host it is meant for the provider. Raises `Unauthorized`.
        """
        if not self._by_digest:
            return None
        secrets = secrets_in(headers)
        if not secrets:
            raise Unauthorized("No API key was given. Send it as 'Authorization: Bearer YOUR_KEY'.")
        return self._find(secrets)

    def identify(self, secret: str) -> str | None:
        """Return the id of the key with this secret, None on a server without keys; raises `Unauthorized`."""
        return self._find([secret]).id if self._by_digest else None

    def flavours(self) -> list[str]:
        """Return the flavours that keys have of their own, in the order of the keys."""
        return [key.flavour for key in self._by_digest.values() if key.flavour is not None]

    def accepts(self, key_id: str) -> bool:
        """Whether a key with this id is accepted now; always true on a server without keys."""
        return not self._by_digest or key_id in self._by_id

    def _find(self, secrets: list[str]) -> Key:
        for secret in secrets:
            key = self._by_digest.get(hash_secret(secret))
            if key is not None:
                return key
        raise Unauthorized(f"The API key '{_abbreviate(secrets[0])}' is not known here.")


def secrets_in(headers: Headers) -> list[str]:
    """Return the secrets that a request carries: of `Authorization` or else an API-key header, then the gateway's."""
    bearer: list[str] = []
    gateway: list[str] = []
    plain: list[str] = []
    for name, value in headers:
        if name in (b"authorization", b"cf-aig-authorization"):
            scheme, _, token = value.partition(b" ")
            if scheme.lower() == b"bearer" and token:
                (bearer if name == b"authorization" else gateway).append(token.strip().decode("latin-1"))
        elif name in (b"x-api-key", b"api-key", b"x-auth-key"):
            plain = [value.decode("latin-1")]
    return [*(bearer[:1] or plain), *gateway[:1]]


def _abbreviate(secret: str) -> str:
    """Enough of a key to recognise it, too little to use it."""
    return f"{secret[:3]}…{secret[-2:]}" if len(secret) >= 12 else "…"
