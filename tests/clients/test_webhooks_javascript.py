"""The real `standardwebhooks` package for JavaScript, unmodified, judges requests that were really sent."""

from __future__ import annotations

import json
import time

import pytest

from maxserve.webhooks.client import WebhookClient
from maxserve.webhooks.signature import Signer
from maxserve.webhooks.url_guard import UrlGuard
from tests.support.receiver import receiving

from .conftest import Tour

pytestmark = pytest.mark.node

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_bm90aGluZyBidXQgdGhlIHRydXRoLCBzaWduZWQ="
BODY = '{"taskType":"textInference","text":"grün 🌲"}'


async def test_it_verifies_what_comes_and_nothing_else(tour: Tour) -> None:
    guard, now = UrlGuard(["loopback"]), int(time.time())
    async with receiving() as receiver:
        for secrets, at in (
            ((OLD,), now),
            ((NEW, OLD), now),
            ((OLD,), now - 3600),
        ):
            headers = Signer(secrets).headers("", f"msg_{at}", at, BODY.encode())
            await WebhookClient(guard, 10.0).post(guard.check(receiver.url), BODY.encode(), headers)
        one, both, old = ({"headers": each.headers, "body": each.body.decode()} for each in receiver.requests)
    cases = [
        {**one, "secret": OLD},
        {**both, "secret": OLD},
        {**both, "secret": NEW},
        {**one, "secret": NEW},
        {**one, "secret": OLD, "body": BODY.replace("grün", "blau")},
        {**old, "secret": OLD},
    ]
    said = tour("webhooks_tour.mjs", json.dumps(cases))
    assert said[:3] == [json.loads(BODY)] * 3
    assert said[3:] == [
        "WebhookVerificationError: No matching signature found",
        "WebhookVerificationError: No matching signature found",
        "WebhookVerificationError: Message timestamp too old",
    ]
