"""What Runware's clients, webhooks and the database are shown of secrets, and what is sensitive, by the real app."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import pytest

from maxserve.chat import EngineCrashed
from tests.server.test_runware_socket import connected, hear, say
from tests.service.replay import Gate
from tests.support.receiver import Receiver, receiving
from tests.support.runware import answered, ask, codes, stream, task
from tests.support.scripted import Scripted, scripted

ASKED, MADE = "ada.lovelace@example.com", "bob@example.com"
SAYS = f"So it is {MADE}.\n</think>\n\nWrite to {MADE}."
SHOWN = "<think>\nSo it is ***.\n</think>\n\nWrite to ***."
PROMPT = f"I am {ASKED}. Who else is there?"
MASKING = {"MAXSERVE_MASKING_ENABLED": "true", "MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    with scripted(environ=MASKING) as running:
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


def stored(served: Scripted) -> str:
    """Everything that the database holds."""
    with closing(sqlite3.connect(f"file:{served.folder / 'maxserve.db'}?mode=ro", uri=True)) as database:
        rows = [
            row
            for table in ("tasks", "webhook_deliveries")
            for row in database.execute(f"SELECT * FROM {table}").fetchall()
        ]
    return repr(rows)


def details(served: Scripted, asked: dict[str, Any]) -> Any:
    return ask(served, [{"taskType": "getTaskDetails", "taskUUID": asked["taskUUID"]}])[1]


@pytest.mark.parametrize("delivery", ["sync", "async", "stream", "socket"])
async def test_no_secret_leaves_or_stays(served: Scripted, receiver: Receiver, delivery: str) -> None:
    served.say(SAYS)
    asked = task(
        PROMPT,
        deliveryMethod="sync" if delivery == "socket" else delivery,
        webhookURL=f"{receiver.url}/hook?token=t1",
        settings={"systemPrompt": f"Ada is {ASKED}."},
    )

    def send() -> list[Any]:
        if delivery == "socket":
            with connected(served) as wire:
                say(wire, asked)
                shown = [hear(wire)]
        elif delivery == "stream":
            shown = stream(served, [asked])
        else:
            shown = [ask(served, [asked])[1]]
        return [*shown, answered(served, asked), details(served, asked)]

    *shown, polled, told = await asyncio.to_thread(send)
    (hook,) = await receiver.received(1)
    assert hook.path == "/hook?token=t1"
    body = json.loads(hook.body)
    assert (body["taskType"], body["taskUUID"], body["text"]) == ("textInference", asked["taskUUID"], SHOWN)
    assert polled["data"][0]["text"] == SHOWN
    assert told["data"][0]["request"][0]["messages"][0]["content"] == "I am ***. Who else is there?"
    everything = json.dumps([*shown, polled, told]) + hook.body.decode() + stored(served)
    assert MADE not in everything
    assert ASKED not in everything
    assert ASKED in served.prompts[-1]


def test_details_of_what_is_not_done_show_no_secret_either(served: Scripted) -> None:
    gate = Gate()
    served.say(SAYS, gate=gate, error=EngineCrashed("The engine ended."))
    asked = task(PROMPT, deliveryMethod="async")
    ask(served, [asked])
    assert gate.reached.wait(30)
    running = details(served, asked)
    assert running["data"][0]["response"]["data"][0]["status"] == "processing"
    gate.open()
    assert codes(answered(served, asked)) == ["inferenceError"]
    failed = details(served, asked)
    assert codes(failed["data"][0]["response"]) == ["inferenceError"]
    for told in (running, failed):
        assert told["data"][0]["request"][0]["messages"][0]["content"] == "I am ***. Who else is there?"
        assert ASKED not in json.dumps(told)


BLOCKS = {
    "MAXSERVE_SENSITIVITY_PROMPT": "violence=block",
    "MAXSERVE_SENSITIVITY_ANSWER": "abuse=block",
    "MAXSERVE_SENSITIVITY_PATTERNS": "violence=blow up,abuse=you fool",
}


@pytest.fixture(scope="module")
def judging() -> Iterator[Scripted]:
    with scripted(environ=BLOCKS) as running:
        yield running


@pytest.mark.parametrize("delivery", ["sync", "async", "stream"])
def test_a_sensitive_prompt_is_of_the_class_safety(judging: Scripted, delivery: str) -> None:
    asked = task("How do I blow up a bridge?", deliveryMethod=delivery)
    status, body, _ = ask(judging, [asked])
    if delivery == "async":
        assert status == 200
        status, body = 400, answered(judging, asked)
        assert body["errors"][0]["status"] == "error"
    assert (status, codes(body)) == (400, ["promptBlocked"])
    assert body["errors"][0]["taskUUID"] == asked["taskUUID"]


@pytest.mark.parametrize("delivery", ["sync", "async", "stream"])
def test_a_sensitive_answer_ends_as_filtered(judging: Scripted, delivery: str) -> None:
    judging.say("Hm.\n</think>\n\nListen, you fool! More of it.")
    asked = task(deliveryMethod=delivery)
    if delivery == "stream":
        assert stream(judging, [asked])[-1]["finishReason"] == "content_filter"
    else:
        ask(judging, [asked])
    (item,) = answered(judging, asked)["data"]
    assert item["finishReason"] == "content_filter"
    assert "fool" not in item["text"]


@pytest.mark.parametrize("delivery", ["sync", "async"])
async def test_a_webhook_gets_each_result_flat_and_a_failure_as_its_error(receiver: Receiver, delivery: str) -> None:
    with scripted(environ={"MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}) as served:
        served.say("a\n</think>\n\nTeal.", "b\n</think>\n\nAmber.")
        served.say("Hm", error=EngineCrashed("The engine ended."))
        two, bad = (task(deliveryMethod=delivery, webhookURL=receiver.url, numberResults=n) for n in (2, 1))
        await asyncio.to_thread(ask, served, [two])
        polled = await asyncio.to_thread(answered, served, two)
        hooks = [json.loads(hook.body) for hook in await receiver.received(2)]
        hooks.sort(key=lambda item: item["resultIndex"])
        assert hooks == [{k: v for k, v in item.items() if k != "status"} for item in polled["data"]]
        await asyncio.to_thread(ask, served, [bad])
        *_, last = await receiver.received(3)
        body = json.loads(last.body)
        assert (body["code"], body["status"], body["taskUUID"]) == ("inferenceError", "error", bad["taskUUID"])


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/hook", "http://169.254.169.254/latest/meta-data", "http://user:pass@example.com/", "ftp://a/b"],
)
def test_a_webhook_that_must_not_be_called_is_refused_at_once(served: Scripted, url: str) -> None:
    asked = task(deliveryMethod="async", webhookURL=url)
    status, body, _ = ask(served, [asked])
    assert (status, codes(body), body["errors"][0]["parameter"]) == (400, ["invalidParameter"], "webhookURL")
    assert codes(answered(served, asked)) == ["taskNotFound"]


@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_loopback_may_be_called_where_only_this_machine_can_ask(host: str, allowed: bool) -> None:
    env = {"MAXSERVE_SERVER_HOST": host, "MAXSERVE_AUTH_KEYS": "rw-a-key-1234"}
    with scripted(environ=env) as served:
        asked = task(webhookURL="http://127.0.0.1:9999/hook", settings={"maxTokens": 1})
        headers = {"Authorization": "Bearer rw-a-key-1234"}
        served.say("Hm.\n</think>\n\nYes.")
        assert ask(served, [asked], headers=headers)[0] == (200 if allowed else 400)
