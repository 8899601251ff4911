"""The server's own paths: tasks listed, shown, cancelled and tried again, webhooks shown and sent again."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from maxserve.chat import EngineCrashed
from tests.support.receiver import answer, receiving
from tests.support.runware import answered, ask, bearer, task
from tests.support.scripted import Scripted, scripted

TASKS, WEBHOOKS = "/maxserve/v1/tasks", "/maxserve/v1/webhooks"
YES = "Hm.\n</think>\n\nYes."
KEYS = ("tk-key-of-alice-1", "tk-key-of-bobby-2")


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    """A server that nobody else asks; each test's tasks are the latest."""
    environ = {"MAXSERVE_TASKS_MAX_ATTEMPTS": "1", "MAXSERVE_TASKS_CONCURRENCY": "1", "MAXSERVE_WEBHOOKS_ATTEMPTS": "1"}
    with scripted(environ=environ) as running:
        yield running


@pytest.fixture(scope="module")
def keyed() -> Iterator[Scripted]:
    with scripted(environ={"MAXSERVE_AUTH_KEYS": ",".join(KEYS)}) as running:
        yield running


def call(
    served: Scripted, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers or {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def get(served: Scripted, path: str, headers: dict[str, str] | None = None) -> Any:
    status, body = call(served, "GET", path, headers)
    assert status == 200, body
    return body


def post(served: Scripted, path: str, body: Any = None) -> Any:
    status, answer = call(served, "POST", path, body=body)
    assert status == 200, answer
    return answer


def refused(served: Scripted, method: str, path: str, body: Any = None) -> tuple[int, str, str | None]:
    """Status, message and parameter of an error in OpenAI's form."""
    status, answer = call(served, method, path, body=body)
    return status, answer["error"]["message"], answer["error"]["param"]


def sent(served: Scripted, raw: str = YES, error: Exception | None = None, **fields: Any) -> str:
    """Send a task, let the engine say `raw` or fail, and return the task's id."""
    served.say(raw, error=error)  # type: ignore[arg-type]
    asked = task(**fields)
    ask(served, [asked])
    return str(asked["taskUUID"])


def until(served: Scripted, path: str, **wanted: Any) -> Any:
    """Ask until the answer says so."""
    deadline = time.monotonic() + 30
    while any((found := get(served, path))[name] != value for name, value in wanted.items()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_a_task_is_shown_whole(served: Scripted) -> None:
    began = time.time()
    asked = task("How are you?", includeUsage=True, seed=7)
    served.say(YES)
    _, body, _ = ask(served, [asked])
    shown = get(served, f"{TASKS}/{asked['taskUUID'].upper()}")
    assert shown["request"] == asked
    assert shown["results"] == body["data"]
    assert shown["usage"] == {"prompt_tokens": 10, "completion_tokens": 4}
    assert shown["cost"] == pytest.approx((6 * 0.3 + 4 * 0.06 + 4 * 1.2) / 1e6)  # four tokens of the prompt were cached
    wanted = {"state": "succeeded", "delivery": "sync", "model": "MiniMax-M2.7", "kind": "runware", "key": "",
              "attempts": 1, "takeovers": 0, "error": None, "error_code": None, "webhook": None, "webhooks": [],
              "next_attempt_at": None, "cancelling": False, "expired": False}  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted
    times = [shown[f"{name}_at"] for name in ("created", "started", "finished")]
    assert times == sorted(times)
    assert all(time.endswith("Z") for time in times)
    assert began - 1 < _seconds(times[0]) < began + 30


def test_lists_go_on_where_a_page_ended(served: Scripted) -> None:
    ids = [sent(served) for _ in range(3)]
    first = get(served, f"{TASKS}?limit=2")
    assert [one["id"] for one in first["tasks"]] == ids[:0:-1]
    assert "request" not in first["tasks"][0]
    second = get(served, f"{TASKS}?limit=2&after={quote(first['next'])}")
    assert second["tasks"][0]["id"] == ids[0]
    whole = get(served, f"{TASKS}?limit=100")
    assert whole["next"] is None
    assert [one["id"] for one in whole["tasks"]][: len(ids)] == ids[::-1]


def test_lists_are_chosen_from(served: Scripted) -> None:
    failed = sent(served, "Hm", EngineCrashed("It broke."))
    other = sent(served, model="minimax:m3@0")
    assert [one["id"] for one in get(served, f"{TASKS}?state=failed&limit=1")["tasks"]] == [failed]
    assert [one["id"] for one in get(served, f"{TASKS}?model=minimax/m3")["tasks"]] == [other]
    assert get(served, f"{TASKS}?model=nobody")["tasks"] == []
    assert get(served, f"{TASKS}?since=2999-01-01")["tasks"] == []
    assert other in [one["id"] for one in get(served, f"{TASKS}?since=2026-01-01T00:00Z")["tasks"]]


def test_what_failed_is_tried_again(served: Scripted) -> None:
    failed = sent(served, "Hm", EngineCrashed("It broke."))
    shown = get(served, f"{TASKS}/{failed}")
    assert (shown["state"], shown["error_code"], shown["results"]) == ("failed", "engine_crashed", [])
    assert shown["error"]["code"] == "inferenceError"
    served.say(YES)
    assert post(served, f"{TASKS}/{failed}/retry")["state"] in ("queued", "running", "succeeded")
    again = until(served, f"{TASKS}/{failed}", state="succeeded")
    assert (again["attempts"], again["error"], len(again["results"])) == (1, None, 1)
    assert answered(served, {"taskUUID": failed})["data"][0]["text"].endswith("Yes.")
    told = f"The task {failed} is succeeded; only failed and cancelled ones run again."
    assert refused(served, "POST", f"{TASKS}/{failed}/retry") == (400, told, None)


def test_waiting_and_running_tasks_are_cancelled(served: Scripted) -> None:
    served.say("Hm", stuck=True)
    running, waiting = (task(deliveryMethod="async") for _ in range(2))
    ask(served, [running, waiting])
    ids = [one["taskUUID"] for one in (running, waiting)]
    until(served, f"{TASKS}/{ids[0]}", state="running")
    assert get(served, f"{TASKS}/{ids[1]}")["state"] == "queued"
    assert post(served, f"{TASKS}/{ids[1]}/cancel")["state"] == "cancelled"
    hung_up = served.hung_up
    post(served, f"{TASKS}/{ids[0]}/cancel")
    gone = until(served, f"{TASKS}/{ids[0]}", state="cancelled")
    assert gone["error"]["code"] == "taskCancelled"
    assert served.hung_up == hung_up + 1
    assert post(served, f"{TASKS}/{ids[0]}/cancel")["state"] == "cancelled"
    served.say(YES)
    post(served, f"{TASKS}/{ids[1]}/retry")
    until(served, f"{TASKS}/{ids[1]}", state="succeeded")
    told = f"The task {ids[1]} has succeeded already; there is nothing left to cancel."
    assert refused(served, "POST", f"{TASKS}/{ids[1]}/cancel") == (400, told, None)


async def test_webhooks_are_shown_and_sent_again(served: Scripted) -> None:
    async with receiving() as receiver:
        receiver.answers = [answer(500, b"no"), answer(410)]
        url = f"{receiver.url}/hook?token=s3cret"
        first = await asyncio.to_thread(sent, served, webhookURL=url)
        await receiver.received(1)
        (hook,) = (await asyncio.to_thread(get, served, f"{WEBHOOKS}?task={first}"))["webhooks"]
        one = f"{WEBHOOKS}/{hook['id']}"
        failed = await asyncio.to_thread(until, served, one, state="failed")
        assert (failed["task"], failed["url"], failed["status"], failed["position"]) == (first, url, 500, 0)
        assert failed["body"]["taskUUID"] == first
        assert [(attempt["status"], bool(attempt["reason"])) for attempt in failed["history"]] == [(500, True)]
        shown = await asyncio.to_thread(get, served, f"{TASKS}/{first}")
        assert [(each["id"], each["state"]) for each in shown["webhooks"]] == [(hook["id"], "failed")]

        assert (await asyncio.to_thread(post, served, f"{one}/replay"))["id"] == hook["id"]
        await asyncio.to_thread(until, served, one, state="disabled")
        (closed,) = (await asyncio.to_thread(get, served, f"{WEBHOOKS}/endpoints"))["endpoints"]
        assert (closed["url"], "410" in closed["reason"]) == (url, True)
        assert (await asyncio.to_thread(post, served, f"{WEBHOOKS}/endpoints/enable", {"url": url})) == {
            "endpoints": []
        }
        await asyncio.to_thread(post, served, f"{one}/replay")
        whole = await asyncio.to_thread(until, served, one, state="delivered")
        assert [attempt["status"] for attempt in whole["history"]] == [500, 410, 200]
        assert {request.id for request in receiver.requests} == {hook["id"]}
        assert len(receiver.requests) == 3

    assert hook["id"] in [
        each["id"] for each in (await asyncio.to_thread(get, served, f"{WEBHOOKS}?state=delivered"))["webhooks"]
    ]


def test_each_key_sees_its_own(keyed: Scripted) -> None:
    keyed.say(YES)
    asked = task()
    ask(keyed, [asked], headers=bearer(KEYS[0]))
    one = f"{TASKS}/{asked['taskUUID']}"
    shown = get(keyed, one, bearer(KEYS[0]))
    assert len(shown["key"]) == 12
    assert [each["id"] for each in get(keyed, TASKS, bearer(KEYS[0]))["tasks"]] == [asked["taskUUID"]]
    assert get(keyed, TASKS, bearer(KEYS[1]))["tasks"] == []
    for method, path in (("GET", one), ("POST", f"{one}/cancel"), ("POST", f"{one}/retry")):
        assert call(keyed, method, path, bearer(KEYS[1]))[0] == 404
        assert call(keyed, method, path)[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "param"),
    [
        ("GET", f"{TASKS}?state=done", 400, "state"),
        ("GET", f"{TASKS}?sate=failed", 400, "sate"),
        ("GET", f"{TASKS}?limit=0", 400, "limit"),
        ("GET", f"{TASKS}?since=yesterday", 400, "since"),
        ("GET", f"{TASKS}?after=nowhere", 400, "after"),
        ("GET", f"{WEBHOOKS}?after=%00", 400, "after"),
        ("GET", f"{TASKS}/{uuid.UUID(int=1)}", 404, None),
        ("GET", f"{TASKS}/%00", 404, None),
        ("POST", f"{TASKS}/nobody/cancel", 404, None),
        ("GET", f"{WEBHOOKS}/msg_0", 404, None),
        ("POST", f"{WEBHOOKS}/msg_{'0' * 26}/replay", 404, None),
        ("POST", f"{WEBHOOKS}/endpoints/enable", 400, None),
        ("DELETE", TASKS, 405, None),
    ],
)
def test_errors_have_openais_form(served: Scripted, method: str, path: str, status: int, param: str | None) -> None:
    found, message, named = refused(served, method, path)
    assert (found, named) == (status, param)
    assert message


def test_what_is_masked_in_the_answer_is_masked_in_the_request() -> None:
    """Also while the task is not done, and where it has failed: then it is kept as it came."""
    with scripted(environ={"MAXSERVE_MASKING_ENABLED": "true", "MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}) as served:
        for error in (None, EngineCrashed("It broke.")):
            asked = sent(served, YES, error, messages=[{"role": "user", "content": "I am jane.doe@example.com."}])
            shown = get(served, f"{TASKS}/{asked}")
            assert shown["state"] == ("failed" if error else "succeeded")
            assert shown["request"]["messages"] == [{"role": "user", "content": "I am ***."}]


def test_strangers_pages_are_kept_off_an_open_server(served: Scripted, keyed: Scripted) -> None:
    strange = {"Origin": "https://example.com"}
    assert call(served, "GET", TASKS, strange)[0] == 403
    assert call(served, "GET", TASKS, {"Origin": served.url})[0] == 200
    assert call(keyed, "GET", TASKS, strange | bearer(KEYS[0]))[0] == 200


def test_an_address_that_is_not_disabled(served: Scripted) -> None:
    told = refused(served, "POST", f"{WEBHOOKS}/endpoints/enable", {"url": "http://nobody/\0"})
    assert told == (404, "That address is not disabled.", "url")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
