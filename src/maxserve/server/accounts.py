"""Cloudflare's account ids: which there are, and whose."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..chat import Forbidden, NotFound

_PREFIX = "sha256:"
_ID = 12
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
NOBODY = "0" * 32
"""The account of those whose paths name none, where there are no accounts."""


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
        keys = self._keys.get(account)
        if not _ACCOUNT(account) or (self._keys and keys is None):
            raise NotFound(f"Could not route to {path}, perhaps your object identifier is invalid?")
        if keys and key not in keys:
            raise Forbidden(f"The account {account} is not this key's.")

    def of(self, key: str | None) -> str:
        """Return the account of a caller whose path names none, as the Workers binding's: the first that is its key's.

        An account that is bound to the key goes before one that is everybody's. Raises `Forbidden` where there is none.
        """
        if not self._keys:
            return NOBODY
        for account, keys in self._keys.items():
            if key in keys:
                return account
        for account, keys in self._keys.items():
            if not keys:
                return account
        raise Forbidden("No account is this key's.")
