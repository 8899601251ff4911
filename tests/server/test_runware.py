"""Runware's tasks over HTTP, by the rules of docs/wire/runware.md §11, through the real app."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from maxserve.chat import EngineCrashed
from tests.service.replay import Gate
from tests.support.runware import answered, ask, bearer, begin, codes, poll, stream, task
from tests.support.scripted import Scripted, scripted

YES = "Hm.\n</think>\n\nYes."
INLINE = "<think>\nHm.\n</think>\n\nYes."
KEYS = ("rw-key-of-alice-1", "rw-key-of-bobby-2")


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    with scripted(environ={"MAXSERVE_TASKS_MAX_ATTEMPTS": "1", "MAXSERVE_RUNWARE_MAX_TASKS": "5"}) as running:
        yield running


@pytest.fixture(scope="module")
def keyed() -> Iterator[Scripted]:
    with scripted(environ={"MAXSERVE_AUTH_KEYS": ",".join(KEYS)}) as running:
        yield running


@pytest.mark.parametrize("path", ["/v1", "/", "/runware", "/runware/v1", "/v1?sdk=js&version=1.3.2", "/?anything"])
def test_every_path_with_any_query(served: Scripted, path: str) -> None:
    served.say(YES)
    asked = task(includeCost=True, includeUsage=True, seed=7)
    status, body, headers = ask(served, [asked], path)
    assert status == 200
    assert body == {
        "data": [
            {
                "taskType": "textInference",
                "taskUUID": asked["taskUUID"],
                "text": INLINE,
                "finishReason": "stop",
                "usage": {"promptTokens": 10, "completionTokens": 4, "totalTokens": 14, "thinkingTokens": 3},
                "cost": 0.00000684,
                "seed": 7,
            }
        ]
    }
    assert headers["x-maxserve-checkpoint"] == "replayed"


def test_the_page_at_the_root_is_still_there(served: Scripted) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request("GET", "/")
    assert connection.getresponse().status == 307
    connection.close()


@pytest.mark.parametrize("path", ["/v1", "/runware", "/runware/v1"])
def test_other_methods_are_refused_in_runwares_form(served: Scripted, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    assert (response.status, codes(json.loads(response.read()))) == (405, ["invalidMethod"])
    connection.close()


def test_answers_stand_in_the_order_of_their_tasks(served: Scripted) -> None:
    gate = Gate()
    served.say("a\n</think>\n\nFirst.", gate=gate)
    served.say("b\n</think>\n\nSecond.")
    slow, fast, later = task(), task(), task(deliveryMethod="async")
    connection = begin(served, [slow])
    assert gate.reached.wait(30)
    served.say("c\n</think>\n\nThird.")
    waiting = begin(served, [{"taskType": "ping", "ping": True}, fast, poll(slow), later])
    body = json.loads(waiting.getresponse().read())
    assert [item.get("taskUUID") for item in body["data"]] == [
        None,
        *(each["taskUUID"] for each in (fast, slow, later)),
    ]
    assert body["data"][0] == {"taskType": "ping", "pong": True}
    assert body["data"][2]["status"] == "processing"
    assert "errors" not in body
    gate.open()
    assert "First." in json.loads(connection.getresponse().read())["data"][0]["text"]
    assert answered(served, later)["data"][0]["status"] == "success"
    for each in (connection, waiting):
        each.close()


def test_one_task_that_fails_stops_no_other(served: Scripted) -> None:
    served.say(YES)
    good, bad = task(), task(settings={"maxTokens": 0})
    status, body, _ = ask(served, [bad, good])
    assert status == 200
    assert [item["taskUUID"] for item in body["data"]] == [good["taskUUID"]]
    (error,) = body["errors"]
    assert error == {
        "code": "invalidParameter",
        "message": "'settings.maxTokens' must be an integer between 1 and 196608.",
        "parameter": "settings.maxTokens",
        "taskType": "textInference",
        "taskUUID": bad["taskUUID"],
    }


def test_a_submission_that_fails_as_a_whole_is_no_success(served: Scripted) -> None:
    status, body, _ = ask(served, [poll(task()), task(model="no-such-model"), task(settings={"maxTokens": 0})])
    assert (status, codes(body)) == (404, ["taskNotFound", "unknownModel", "invalidParameter"])
    assert body["error"]["code"] == "unknownModel"
    assert body["message"] == body["error"]["message"]
    assert "data" not in body


@pytest.mark.parametrize("sent", [{}, [], "x", None, [1], [task() for _ in range(6)]])
def test_no_array_of_tasks(served: Scripted, sent: object) -> None:
    status, body, _ = ask(served, sent)
    assert status == 400
    assert body["errors"]


def test_a_body_without_an_end_to_its_depth(served: Scripted) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request("POST", "/v1", b"[" * 100_000)
    response = connection.getresponse()
    assert (response.status, codes(json.loads(response.read()))) == (400, ["invalidRequest"])
    connection.close()


def test_the_results_of_one_task_are_numbered(served: Scripted) -> None:
    served.say("a\n</think>\n\nTeal.", "b\n</think>\n\nAmber.")
    asked = task(numberResults=2, seed=41)
    _, body, _ = ask(served, [asked])
    assert [(item["resultIndex"], item["seed"]) for item in body["data"]] == [(0, 41), (1, 42)]
    assert [item["text"].rpartition("\n")[2] for item in body["data"]] == ["Teal.", "Amber."]


def test_a_poll_tells_of_all_results_or_of_none(served: Scripted) -> None:
    gate = Gate()
    served.say("a\n</think>\n\nTeal.", "b\n</think>\n\nAmber.", gate=gate)
    asked = task(numberResults=2, deliveryMethod="async")
    status, body, _ = ask(served, [asked])
    assert (status, body) == (200, {"data": [{"taskType": "textInference", "taskUUID": asked["taskUUID"]}]})
    assert gate.reached.wait(30)
    _, body, _ = ask(served, [poll(asked)])
    (item,) = body["data"]
    assert (item["taskType"], item["taskUUID"], item["status"], item["progress"]) == (
        "textInference", asked["taskUUID"], "processing", 100,
    )  # fmt: skip
    gate.open()
    body = answered(served, asked)
    assert [(item["status"], item["resultIndex"]) for item in body["data"]] == [("success", 0), ("success", 1)]
    assert answered(served, asked) == body


def test_the_failure_of_an_async_task_is_an_error_with_a_status(served: Scripted) -> None:
    served.say("Hm", error=EngineCrashed("The engine ended."))
    asked = task(deliveryMethod="async")
    ask(served, [asked])
    body = answered(served, asked)
    assert body == {
        "errors": [
            {
                "code": "inferenceError",
                "status": "error",
                "message": "The engine ended.",
                "taskType": "textInference",
                "taskUUID": asked["taskUUID"],
            }
        ]
    }


def test_polls_for_what_is_not_there(served: Scripted) -> None:
    asked = poll(task())
    status, body, _ = ask(served, [asked])
    assert (status, codes(body)) == (200, ["taskNotFound"])
    assert (body["errors"][0]["status"], body["errors"][0]["taskUUID"]) == ("error", asked["taskUUID"])
    status, body, _ = ask(served, [{"taskType": "getTaskDetails", "taskUUID": asked["taskUUID"]}])
    assert (status, codes(body)) == (404, ["taskNotFound"])


def test_a_uuid_is_used_once_whatever_its_case(served: Scripted) -> None:
    served.say(YES)
    asked = task()
    assert ask(served, [asked])[0] == 200
    for again in (asked, {**asked, "taskUUID": asked["taskUUID"].upper()}, {**asked, "deliveryMethod": "async"}):
        status, body, _ = ask(served, [again])
        assert (status, codes(body)) == (400, ["conflictTaskUUID"])
        assert body["errors"][0]["taskUUID"] == again["taskUUID"]


def test_of_one_uuid_in_an_array_the_first_wins(served: Scripted) -> None:
    served.say("a\n</think>\n\nFirst.")
    asked = task()
    status, body, _ = ask(served, [asked, {**asked, "seed": 3}])
    assert (status, codes(body)) == (200, ["conflictTaskUUID"])
    assert body["data"][0]["text"].endswith("First.")


def test_a_uuid_is_free_again_after_a_fault_of_the_server(served: Scripted) -> None:
    served.say("Hm", error=EngineCrashed("The engine ended."))
    asked = task()
    status, body, _ = ask(served, [asked])
    assert (status, codes(body)) == (500, ["inferenceError"])
    assert codes(answered(served, asked)) == ["inferenceError"]
    served.say(YES)
    assert ask(served, [asked])[0] == 200
    assert answered(served, asked)["data"][0]["text"] == INLINE


def test_an_uuid_that_was_refused_is_not_taken(served: Scripted) -> None:
    asked = task(settings={"maxTokens": 0})
    assert ask(served, [asked])[0] == 400
    served.say(YES)
    assert ask(served, [{**asked, "settings": {}}])[0] == 200


def test_a_client_that_hangs_up_does_not_stop_its_task(served: Scripted) -> None:
    gate = Gate()
    served.say(YES, gate=gate)
    asked = task()
    connection = begin(served, [asked])
    assert gate.reached.wait(30)
    connection.close()
    gate.open()
    assert answered(served, asked)["data"][0]["text"] == INLINE


def test_a_stream_is_flat_chunks(served: Scripted) -> None:
    served.say(YES, piece=100)
    asked = task(deliveryMethod="stream", includeCost=True, includeUsage=True, seed=1)
    chunks = stream(served, [asked], "/")
    assert all((chunk["taskType"], chunk["taskUUID"]) == ("textInference", asked["taskUUID"]) for chunk in chunks)
    *deltas, last = chunks
    assert "".join(chunk["delta"]["text"] for chunk in deltas) == INLINE
    assert all(chunk["finishReason"] is None and "usage" not in chunk for chunk in deltas)
    assert (last["delta"], last["finishReason"], last["seed"]) == ({}, "stop", 1)
    assert last["usage"]["totalTokens"] == 11
    assert last["cost"] > 0
    assert answered(served, asked)["data"][0]["text"] == INLINE


def test_a_stream_that_breaks_off_says_why_under_both_keys(served: Scripted) -> None:
    served.say("Hm.\n</think>\n\nYes", error=EngineCrashed("The engine ended."))
    asked = task(deliveryMethod="stream")
    *_, last = stream(served, [asked])
    assert codes(last) == ["inferenceError"]
    assert (last["error"]["code"], last["error"]["taskUUID"]) == ("inferenceError", asked["taskUUID"])
    assert codes(answered(served, asked)) == ["inferenceError"]


def test_an_error_before_a_stream_has_its_status_and_every_key(served: Scripted) -> None:
    served.say("", error=EngineCrashed("The engine ended."))
    for asked, wanted in (
        (task(deliveryMethod="stream", settings={"topP": 2}), (400, "invalidParameter")),
        (task(deliveryMethod="stream"), (500, "inferenceError")),
    ):
        status, body, _ = ask(served, [asked])
        assert (status, codes(body)) == (wanted[0], [wanted[1]])
        assert body["errors"][0]["taskUUID"] == asked["taskUUID"]
        assert body["message"] == body["error"]["message"] == body["errors"][0]["message"]


def test_a_streamed_task_stands_alone(served: Scripted) -> None:
    served.say(YES)
    asked, beside = task(deliveryMethod="stream"), task()
    status, body, _ = ask(served, [asked, beside])
    assert status == 200
    assert [item["taskUUID"] for item in body["data"]] == [beside["taskUUID"]]
    (error,) = body["errors"]
    assert (error["parameter"], error["taskUUID"]) == ("deliveryMethod", asked["taskUUID"])


def test_a_streams_client_that_goes_cancels_it(served: Scripted) -> None:
    gate = Gate()
    served.say(YES, gate=gate)
    asked = task(deliveryMethod="stream")
    connection = begin(served, [asked])
    connection.getresponse().readline()
    assert gate.reached.wait(30)
    before = served.hung_up
    connection.close()
    assert codes(answered(served, asked)) == ["taskCancelled"]
    assert served.hung_up == before + 1
    gate.open()


def test_task_details(served: Scripted) -> None:
    served.say(YES)
    asked = task(includeUsage=True)
    _, body, _ = ask(served, [asked])
    details = {"taskType": "getTaskDetails", "taskUUID": asked["taskUUID"]}
    _, told, _ = ask(served, [details])
    assert told == {"data": [{**details, "request": [asked], "response": body}]}


def test_a_dry_run_prices_and_keeps_nothing(served: Scripted) -> None:
    asked = task(numberResults=2, settings={"maxTokens": 100}, deliveryMethod="async")
    for path, headers in (("/v1", {"X-Runware-Dry-Run": "1"}), ("/v1?dryRun=1", {})):
        status, body, _ = ask(served, [asked], path, headers)
        assert status == 200
        assert [item["dryRun"] for item in body["data"]] == [True, True]
        assert body["data"][0]["usage"] == {"promptTokens": 77, "completionTokens": 100, "totalTokens": 177}
        cost = sum(item["cost"] for item in body["data"])
        assert cost == pytest.approx((77 * 0.3 + 200 * 1.2) / 1e6)
    status, body, _ = ask(served, [{**asked, "model": "x"}], headers={"X-Runware-Dry-Run": "1"})
    assert (status, codes(body)) == (404, ["unknownModel"])
    assert codes(ask(served, [poll(asked)])[1]) == ["taskNotFound"]


def test_the_catalogue_can_be_searched_and_the_account_seen(served: Scripted) -> None:
    search = {"taskType": "modelSearch", "taskUUID": str(uuid.uuid4()), "search": "m2.7"}
    account = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
    served.say(YES)
    ask(served, [task()])
    status, body, _ = ask(served, [search, account])
    assert status == 200
    found, details = body["data"]
    assert "minimax:m2.7@0" in [model["air"] for model in found["results"]]
    assert details["usage"]["today"]["requests"] >= 1
    assert details["usage"]["today"]["credits"] > 0


def test_a_strangers_page_cannot_use_an_open_server(served: Scripted) -> None:
    status, body, _ = ask(served, [task()], headers={"Origin": "https://evil.example"})
    assert (status, codes(body)) == (403, ["forbidden"])
    served.say(YES)
    assert ask(served, [task()], headers={"Origin": "http://localhost:3000"})[0] == 200


def test_without_a_key(keyed: Scripted) -> None:
    for headers in ({}, bearer("")):
        status, body, got = ask(keyed, [task()], headers=headers)
        assert (status, codes(body), got["www-authenticate"]) == (401, ["missingApiKey"], "Bearer")


def test_a_wrong_key_is_told_under_every_key(keyed: Scripted) -> None:
    asked = [{"taskType": "authentication", "apiKey": "rw-wrong-key-123"}, task()]
    for tasks, headers in (([task()], bearer("rw-wrong-key-123")), (asked, {}), (asked, bearer(KEYS[0]))):
        status, body, _ = ask(keyed, tasks, headers=headers)
        assert status == 401
        (error,) = body["errors"]
        assert (error["code"], error["parameter"], error["taskType"]) == ("invalidApiKey", "apiKey", "authentication")
        assert "taskUUID" not in error
        assert body["error"]["code"] == "invalidApiKey"
        assert body["message"] == error["message"]
        assert "rw-wrong-key-123" not in json.dumps(body)


def test_the_first_task_may_bring_the_key(keyed: Scripted) -> None:
    keyed.say(YES)
    asked = task()
    status, body, _ = ask(keyed, [{"taskType": "authentication", "apiKey": KEYS[0]}, asked])
    assert status == 200
    first, item = body["data"]
    assert (first["taskType"], uuid.UUID(first["connectionSessionUUID"]).version) == ("authentication", 4)
    assert item["text"] == INLINE
    assert ask(keyed, [poll(asked)], headers=bearer(KEYS[0]))[1]["data"]
    status, body, _ = ask(keyed, [{"taskType": "authentication", "apiKey": KEYS[0]}, asked])
    assert (status, codes(body)) == (400, ["conflictTaskUUID"])


def test_keys_do_not_see_each_others_tasks(keyed: Scripted) -> None:
    keyed.say(YES)
    asked = task()
    assert ask(keyed, [asked], headers=bearer(KEYS[0]))[0] == 200
    for each in (poll(asked), {"taskType": "getTaskDetails", "taskUUID": asked["taskUUID"]}):
        assert codes(ask(keyed, [each], headers=bearer(KEYS[1]))[1]) == ["taskNotFound"]
    keyed.say("x\n</think>\n\nBobby's.")
    _, body, _ = ask(keyed, [asked], headers=bearer(KEYS[1]))
    assert body["data"][0]["text"].endswith("Bobby's.")
    assert answered(keyed, asked, bearer(KEYS[0]))["data"][0]["text"] == INLINE


def test_a_full_queue_refuses_and_reserves_nothing() -> None:
    full = {"MAXSERVE_TASKS_CONCURRENCY": "1", "MAXSERVE_TASKS_MAX_QUEUED": "1"}
    with scripted(environ=full) as served:
        gate = Gate()
        served.say(YES, gate=gate)
        running, waiting, refused = (task(deliveryMethod="async") for _ in range(3))
        assert ask(served, [running])[0] == 200
        assert gate.reached.wait(30)
        assert ask(served, [waiting])[0] == 200
        status, body, headers = ask(served, [refused])
        assert (status, codes(body)) == (429, ["rateLimitExceeded"])
        assert int(headers["retry-after"]) >= 1
        served.say(YES)
        gate.open()
        answered(served, waiting)
        served.say(YES)
        assert ask(served, [refused])[0] == 200
        answered(served, refused)


def test_a_database_that_cannot_be_reached_is_the_servers_fault() -> None:
    with scripted(environ={"MAXSERVE_STORE_URL": "postgresql://nobody@127.0.0.1:1/none"}) as served:
        for asked in (task(), task(deliveryMethod="async"), task(deliveryMethod="stream"), poll(task())):
            status, body, _ = ask(served, [asked])
            assert (status, codes(body)) == (503, ["serviceUnavailable"])
            assert body["errors"][0]["taskUUID"] == asked["taskUUID"]


def test_a_silent_stream_gets_comments() -> None:
    with scripted(environ={"MAXSERVE_SERVER_KEEP_ALIVE_COMMENT_S": "0.02"}) as served:
        gate = Gate()
        served.say(YES, gate=gate)
        connection = begin(served, [task(deliveryMethod="stream")])
        response = connection.getresponse()
        assert gate.reached.wait(30)
        while response.readline() != b": keep-alive\n":
            pass
        gate.open()
        assert response.read().endswith(b"data: [DONE]\n\n")
        connection.close()


def test_what_takes_too_long_fails_in_every_form() -> None:
    env = {"MAXSERVE_LIMITS_REQUEST_TIMEOUT_S": "0.2", "MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}
    with scripted(environ=env) as served:
        for delivery in ("sync", "async", "stream"):
            served.say("Hm.\n</think>\n\nYes", stuck=True)
            asked = task(deliveryMethod=delivery)
            if delivery == "stream":
                *_, last = stream(served, [asked])
                assert (codes(last), last["error"]["code"]) == (["timeoutProvider"], "timeoutProvider")
            else:
                status, body, _ = ask(served, [asked])
                assert status == (504 if delivery == "sync" else 200)
                assert ("errors" in body) == (delivery == "sync")
            assert codes(answered(served, asked)) == ["timeoutProvider"]
