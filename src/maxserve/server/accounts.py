"""Cloudflare's account ids: which there are, and whose."""

from __future__ import annotations

from collections.abc import Mapping

from ..chat import Forbidden, NotFound

_PREFIX = "sha256:"
_ID = 12


class Accounts:
    """The accounts of the configuration: id → the keys that may use it, by the beginnings of their digests.

    While there are none any id goes: accounts then only keep caches and logs apart.
    """

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self._keys = {
            account: frozenset(name.removeprefix(_PREFIX)[:_ID] for name in keys.split())
            for account, keys in accounts.items()
        }

    def check(self, account: str, key: str | None, path: str) -> None:
        """Raise `NotFound` for an account that is none, `Forbidden` for one that is not this key's."""
        if not self._keys:
            return
        keys = self._keys.get(account)
        if keys is None:
            raise NotFound(f"Could not route to {path}, perhaps your object identifier is invalid?")
        if keys and key not in keys:
            raise Forbidden(f"The account {account} is not this key's.")
