"""Webhooks of a real server: signed for the key that asked, each result once, as polling shows it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.receiver import Received, receiving
from tests.support.serving import Served, serving

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_bm90aGluZyBidXQgdGhlIHRydXRoLCBzaWduZWQ="
OTHERS = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    secrets = {
        "MAXSERVE_WEBHOOKS_SECRETS": OTHERS,
        "MAXSERVE_KEYS_FIRST_DIGEST": "sha256:" + hashlib.sha256(b"first-key").hexdigest(),
        "MAXSERVE_KEYS_FIRST_WEBHOOK_SECRETS": f"{NEW},{OLD}",
    }
    with serving("--key", "second-key", env=secrets) as running:
        yield running


def judged(request: Received) -> list[str]:
    """The secrets that a request is signed with."""
    found = []
    for secret in (OLD, NEW, OTHERS):
        try:
            Webhook(secret).verify(request.body, request.headers)
        except WebhookVerificationError:
            continue
        found.append(secret)
    return found


def ask(served: Served, key: str, **fields: Any) -> list[dict[str, Any]]:
    task = {"taskUUID": str(uuid.uuid4()), **fields}
    answer = httpx.post(f"{served.url}/v1", json=[task], headers={"authorization": f"Bearer {key}"}, timeout=60)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


@pytest.mark.parametrize(
    ("key", "secrets"), [("first-key", [OLD, NEW]), ("second-key", [OTHERS])], ids=["own secrets", "the others'"]
)
async def test_each_result_comes_once_signed_for_its_key(served: Served, key: str, secrets: list[str]) -> None:
    async with receiving() as receiver:
        fields = {
            "taskType": "textInference",
            "model": "minimax:m2.7@0",
            "deliveryMethod": "async",
            "numberResults": 2,
            "webhookURL": f"{receiver.url}/results?token=s3cret",
            "messages": [{"role": "user", "content": "What is the capital of France?"}],
            "settings": {"temperature": 0, "maxTokens": 200},
        }
        (accepted,) = await asyncio.to_thread(lambda: ask(served, key, **fields))
        requests = await receiver.received(2, timeout=90)
        polled = await asyncio.to_thread(
            lambda: ask(served, key, taskType="getResponse", taskUUID=accepted["taskUUID"])
        )
    assert [judged(request) for request in requests] == [secrets] * 2
    assert len({request.id for request in requests}) == 2
    assert {request.path for request in requests} == {"/results?token=s3cret"}
    bodies = sorted((json.loads(request.body) for request in requests), key=index)
    assert bodies == [{name: each[name] for name in each if name != "status"} for each in sorted(polled, key=index)]


def index(item: dict[str, Any]) -> int:
    number: int = item["resultIndex"]
    return number
