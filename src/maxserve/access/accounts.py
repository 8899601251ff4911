"""Cloudflare's account ids: which exist, and which keys may use them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..chat import Forbidden, NotFound
from .key import Key

NO_ACCOUNT = "0" * 32
"""The account of requests whose path names none, where no account is configured."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch


class Accounts:
    """The configured accounts: those that every key may use (`shared`), and those that are bound to keys.

    While none is configured, any id is accepted: accounts then only keep caches and logs apart.
    """

    def __init__(self, shared: Iterable[str], keys: Iterable[Key]) -> None:
        self._shared = tuple(shared)
        self._keys: dict[str, set[str]] = {account: set() for account in self._shared}
        for key in keys:
            for account in key.accounts:
                self._keys.setdefault(account, set()).add(key.id)

    def check(self, account: str, key_id: str | None, path: str) -> None:
        """Raise `NotFound` for an account that does not exist, `Forbidden` for one that is bound to other keys."""
        keys = self._keys.get(account)
        if not _ACCOUNT(account) or (self._keys and keys is None):
            raise NotFound(f"Could not route to {path}, perhaps your object identifier is invalid?")
        if keys and key_id not in keys:
            raise Forbidden(f"The account {account} is not this key's.")

    def default_for(self, key_id: str | None) -> str:
        """Return the account of a request whose path names none, as of the Workers binding.

        The first account that is bound to the key, else the first shared one. Raises `Forbidden` where there is none.
        """
        if not self._keys:
            return NO_ACCOUNT
        for account, keys in self._keys.items():
            if key_id in keys:
                return account
        for account in self._shared:
            if not self._keys[account]:
                return account
        raise Forbidden("No account is this key's.")
