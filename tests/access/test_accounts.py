"""Which keys may use which accounts."""

from __future__ import annotations

import pytest

from maxserve.access import NO_ACCOUNT, Accounts, Key, digest_of
from maxserve.chat import Forbidden, NotFound

ONE = Key(digest=digest_of("one"), accounts=("own", "common"))
TWO = Key(digest=digest_of("two"), accounts=("common",))
THREE = Key(digest=digest_of("three"))
ACCOUNTS = Accounts(["shared"], [ONE, TWO, THREE])


@pytest.mark.parametrize(
    ("account", "key"), [("own", ONE), ("common", ONE), ("common", TWO), ("shared", ONE), ("shared", THREE)]
)
def test_key_may_use_its_own_and_the_shared_accounts(account: str, key: Key) -> None:
    ACCOUNTS.check(account, key.id, "/path")


@pytest.mark.parametrize("key_id", [TWO.id, THREE.id, None])
def test_account_of_another_key_is_forbidden(key_id: str | None) -> None:
    with pytest.raises(Forbidden):
        ACCOUNTS.check("own", key_id, "/path")


def test_unknown_account_is_not_found() -> None:
    with pytest.raises(NotFound, match="Could not route to /path"):
        ACCOUNTS.check("other", ONE.id, "/path")


def test_default_account_is_the_first_of_the_key_then_a_shared_one() -> None:
    assert [ACCOUNTS.default_for(key.id) for key in (ONE, TWO, THREE)] == ["own", "common", "shared"]
    with pytest.raises(Forbidden):
        Accounts([], [ONE]).default_for(THREE.id)


def test_any_account_is_accepted_while_none_is_configured() -> None:
    accounts = Accounts([], [THREE])
    accounts.check("anything", THREE.id, "/path")
    assert accounts.default_for(THREE.id) == NO_ACCOUNT
    with pytest.raises(NotFound):
        accounts.check("no/account", THREE.id, "/path")
