"""Signatures, judged by the public package that receivers use."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from maxserve.webhooks.signature import Signer

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + base64.b64encode(bytes(range(64))).decode()
OTHER = "whsec_" + base64.b64encode(b"\xff" * 32).decode()
OWNER = "0123456789ab"
BODY = '{"taskType":"textInference","text":"grün 🌲"}'.encode()


def headers(signer: Signer, owner: str = OWNER, body: bytes = BODY, at: int | None = None) -> dict[str, str]:
    signed = signer.headers(owner, "msg_1", int(time.time()) if at is None else at, body)
    return {name.decode(): value.decode() for name, value in signed}


def verified(secret: str, found: dict[str, str], body: bytes = BODY) -> bool:
    try:
        Webhook(secret).verify(body, found)
    except WebhookVerificationError:
        return False
    return True


def test_the_public_package_accepts_our_signature_and_no_other() -> None:
    found = headers(Signer([OLD]))
    assert list(found) == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert found["webhook-id"] == "msg_1"
    assert verified(OLD, found)
    assert not verified(NEW, found)
    assert not verified(OLD, found, BODY + b" ")
    assert not verified(OLD, found | {"webhook-id": "msg_2"})
    assert not verified(OLD, headers(Signer([OLD]), at=int(time.time()) - 3600))


def test_a_signature_is_the_one_of_the_standards_own_example() -> None:
    """The vector of the Standard Webhooks libraries."""
    signed = Signer([OLD]).headers("", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed[2][1] == b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_two_secrets_overlap_either_of_them_verifies() -> None:
    found = headers(Signer([NEW, OLD]))
    assert found["webhook-signature"].count("v1,") == 2
    assert found["webhook-signature"].count(" ") == 1
    assert verified(OLD, found)
    assert verified(NEW, found)
    assert not verified(OTHER, found)


def test_a_key_has_its_own_secret_and_the_others_the_default() -> None:
    signer = Signer([OLD], {OWNER: [NEW], "c" * 12: [OTHER]})
    assert verified(NEW, headers(signer))
    assert not verified(OLD, headers(signer))
    assert verified(OTHER, headers(signer, "c" * 12))
    assert verified(OLD, headers(signer, ""))
    assert verified(OLD, headers(signer, "d" * 12))


def test_without_a_secret_the_id_and_the_time_are_told_all_the_same() -> None:
    assert list(headers(Signer())) == ["webhook-id", "webhook-timestamp"]
    assert list(headers(Signer(by_owner={"c" * 12: [OTHER]}))) == ["webhook-id", "webhook-timestamp"]


@settings(deadline=None)
@given(st.binary(min_size=24, max_size=64), st.text().map(str.encode), st.booleans())
def test_any_secret_and_body_verify(secret: bytes, body: bytes, padded: bool) -> None:
    written = "whsec_" + base64.b64encode(secret).decode().rstrip("" if padded else "=")
    found = headers(Signer([written]), body=body)
    Webhook(written).verify(body, found, json_parse=False)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8I!!!!", "not Base64"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", "not Base64"),
        ("whsec_c2hvcnQ=", "has 5 bytes"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "has 65 bytes"),
        ("whsec_", "has 0 bytes"),
        (f"{OLD},{NEW}", "not Base64"),
    ],
)
def test_wrong_secrets_are_refused_without_showing_them(secret: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        Signer([secret])
    assert len(secret) < 7 or secret[6:] not in str(refused.value)
    with pytest.raises(ValueError, match=said):
        Signer(by_owner={OWNER: [secret]})
