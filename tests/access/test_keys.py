"""The check of the key that a request carries."""

from __future__ import annotations

import pytest

from maxserve.access import Key, Keys, digest_of, key_id
from maxserve.chat import Unauthorized

ONE = Key(digest=digest_of("sk-one-0123456789"), name="one")
TWO = Key(digest=digest_of("sk-two-0123456789"))
KEYS = Keys([ONE, TWO])


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer sk-one-0123456789")],
        [(b"authorization", b"bearer  sk-one-0123456789")],
        [(b"x-api-key", b"sk-one-0123456789")],
        [(b"api-key", b"sk-one-0123456789")],
        [(b"x-auth-key", b"sk-one-0123456789")],
        [(b"cf-aig-authorization", b"Bearer sk-one-0123456789")],
        [(b"authorization", b"Bearer provider"), (b"cf-aig-authorization", b"Bearer sk-one-0123456789")],
        [(b"authorization", b"Bearer sk-one-0123456789"), (b"x-api-key", b"ignored")],
    ],
)
def test_known_key_is_found_in_every_header(headers: list[tuple[bytes, bytes]]) -> None:
    assert KEYS.authenticate(headers) is ONE


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], "No API key was given"),
        ([(b"authorization", b"Basic abc")], "No API key was given"),
        ([(b"authorization", b"Bearer sk-three-0123456789")], "'sk-…89' is not known"),
        ([(b"x-api-key", b"short")], "'…' is not known"),
    ],
)
def test_missing_or_unknown_key_is_refused_without_showing_it(headers: list[tuple[bytes, bytes]], said: str) -> None:
    with pytest.raises(Unauthorized, match=said):
        KEYS.authenticate(headers)


def test_server_without_keys_accepts_everybody() -> None:
    open_server = Keys([])
    assert not open_server
    assert open_server.authenticate([(b"authorization", b"Bearer anything")]) is None
    assert open_server.identify("anything") is None
    assert open_server.accepts("0123456789ab")


def test_keys_are_known_by_secret_and_by_id() -> None:
    assert KEYS.identify("sk-two-0123456789") == TWO.id
    assert KEYS.accepts(TWO.id)
    assert not KEYS.accepts("000000000000")


@pytest.mark.parametrize("text", ["", " a", "a ", "sha256:abc", "sha256:" + "G" * 64])
def test_digest_of_refuses_what_is_not_a_key(text: str) -> None:
    with pytest.raises(ValueError, match="a key is the secret"):
        digest_of(text)


def test_key_id_takes_an_id_and_a_digest() -> None:
    assert key_id(ONE.id) == key_id(f"sha256:{ONE.digest}") == ONE.digest[:12]
    assert digest_of(f"sha256:{ONE.digest}") == ONE.digest
