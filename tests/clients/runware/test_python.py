"""Runware's second Python SDK, `runware-sdk` 1.8, unmodified, against a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest

from maxserve.chat import EngineCrashed
from tests.service.replay import Gate
from tests.support.scripted import Scripted
from tests.support.serving import Served, serving

from .cable import Cable, cable
from .conftest import ANSWER, CALL, WORDS, address_of, play, play_with_webhook, port_of
from .environments import python_of

Submit = Callable[..., Future[Any]]
THOUGHT = "<think>\nEasy.\n</think>\n\n"
TRANSPORTS = ["websocket", "rest"]


@pytest.fixture(scope="module")
def tour() -> list[str | Path]:
    return [python_of("new"), "python_tour.py"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sync(server: Scripted, tour: list[str | Path], transport: str) -> None:
    server.say(WORDS)
    (result,) = play(tour, "sync", port_of(server), transport=transport)
    assert result["text"] == THOUGHT + ANSWER
    assert (result["taskType"], result["finishReason"], result["seed"]) == ("textInference", "stop", 7)
    usage = result["usage"]
    assert usage["totalTokens"] == usage["promptTokens"] + usage["completionTokens"]
    assert result["cost"] > 0
    assert "status" not in result
    asked = server.completions[-1]
    assert "Answer briefly." in asked.prompt
    assert (asked.sampling.temperature, asked.sampling.top_p, asked.sampling.seed) == (0.5, 0.9, 7)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_two_results(server: Scripted, tour: list[str | Path], transport: str) -> None:
    server.say(WORDS, "Hm.\n</think>\n\nParis.")
    first, second = play(tour, "two", port_of(server), transport=transport)
    assert [result["text"].split("</think>\n\n")[1] for result in (first, second)] == [ANSWER, "Paris."]
    assert [result["resultIndex"] for result in (first, second)] == [0, 1]
    assert [result["seed"] for result in (first, second)] == [7, 8]
    assert first["taskUUID"] == second["taskUUID"]
    assert first["cost"] > 0 < second["cost"]


def test_many_at_once(server: Scripted, tour: list[str | Path]) -> None:
    before = len(server.completions)
    for number in range(20):
        server.say(f"Hm.\n</think>\n\nword {number}")
    results = play(tour, "many", port_of(server), count=20)
    order = {
        int(asked.prompt.split("Say the number ")[1].split(".")[0]): at
        for at, asked in enumerate(server.completions[before:])
    }
    assert [result["text"].split("word ")[1] for (result,) in results] == [str(order[number]) for number in range(20)]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("words", [[WORDS], [WORDS, WORDS]])
def test_async(server: Scripted, tour: list[str | Path], words: list[str], transport: str) -> None:
    server.say(*words)
    seen = play(tour, "polled", port_of(server), results=len(words), transport=transport)
    assert [result["text"] for result in seen["results"]] == [THOUGHT + ANSWER] * len(words)
    assert {result["status"] for result in seen["results"]} == {"success"}
    assert seen["told"] == len(words)
    assert seen["again"] == seen["results"]


def test_stream(server: Scripted, tour: list[str | Path]) -> None:
    server.say(WORDS)
    seen = play(tour, "stream", port_of(server))
    result = seen["result"]
    assert len(seen["pieces"]) > 3
    assert "".join(seen["pieces"]) == result["text"] == THOUGHT + ANSWER
    assert result["finish_reason"] == "stop"
    assert result["usage"]["completionTokens"] > 0
    assert result["cost"] > 0
    assert result["task_uuid"]


def test_a_stream_with_its_thought_apart(server: Scripted, tour: list[str | Path]) -> None:
    server.say(WORDS)
    seen = play(tour, "stream", port_of(server), fields={"settings": {"splitThinking": True}})
    assert "".join(seen["thoughts"]) == seen["result"]["reasoning_content"] == "Easy."
    assert "".join(seen["pieces"]) == seen["result"]["text"] == ANSWER


def test_an_engine_fails_in_mid_stream(server: Scripted, tour: list[str | Path]) -> None:
    server.say(WORDS, error=EngineCrashed("The engine died."))
    seen = play(tour, "stream", port_of(server))
    assert "".join(seen["pieces"]).endswith(ANSWER)
    assert (seen["error"]["code"], seen["error"]["retryable"]) == ("provider", True)
    assert seen["error"]["task"]


def test_a_stream_is_refused(server: Scripted, tour: list[str | Path]) -> None:
    error = play(tour, "stream", port_of(server), fields={"settings": {"temperature": 7}})["error"]
    assert (error["code"], error["status"], error["parameter"]) == ("validation", 400, "settings.temperature")


@pytest.mark.parametrize("delivery", ["sync", "async"])
async def test_webhook(server: Scripted, tour: list[str | Path], delivery: str) -> None:
    server.say(WORDS)
    (result,), body = await play_with_webhook(tour, port_of(server), delivery)
    assert (body["taskType"], body["text"], body["finishReason"]) == ("textInference", THOUGHT + ANSWER, "stop")
    assert (result["taskUUID"], result["text"]) == (body["taskUUID"], body["text"])


def test_reconnect_in_the_middle(server: Scripted, tour: list[str | Path], wire: Cable, background: Submit) -> None:
    """The SDK resumes its session and sends its open task again; that it is known is its acknowledgement."""
    gate, asked = Gate(), len(server.completions)
    server.say(WORDS, gate=gate)
    seen = background(play, tour, "polled", wire.port)
    assert gate.reached.wait(30)
    wire.connected(more_than=wire.cut())
    gate.open()
    (result,) = seen.result(60)["results"]
    assert result["text"] == THOUGHT + ANSWER
    assert len(server.completions) == asked + 1, "it ran once"


def test_a_connection_lost_with_a_sync_task(
    server: Scripted, tour: list[str | Path], wire: Cable, background: Submit
) -> None:
    """The SDK gives such a task up by itself, whatever the server sends later."""
    gate = Gate()
    server.say(WORDS, gate=gate)
    seen = background(play, tour, "sync", wire.port)
    assert gate.reached.wait(30)
    wire.connected(more_than=wire.cut())
    gate.open()
    assert seen.result(60)["error"]["code"] in ("connection", "unknown")


def test_a_poll_is_lost_with_the_connection(
    server: Scripted, tour: list[str | Path], wire: Cable, background: Submit
) -> None:
    gate = Gate()
    server.say(WORDS, gate=gate)
    seen = background(play, tour, "polled", wire.port)
    assert gate.reached.wait(30)
    wire.swallow()
    assert wire.swallowed.wait(30)
    wire.connected(more_than=wire.cut())
    gate.open()
    (result,) = seen.result(60)["results"]
    assert (result["text"], result["status"]) == (THOUGHT + ANSWER, "success")


def test_a_silent_connection(hasty: Scripted, tour: list[str | Path], background: Submit) -> None:
    """The server hangs up, but not on those who wait for an answer; the SDK connects again."""
    gate = Gate()
    hasty.say(WORDS, gate=gate)
    seen = background(play, tour, "idle", port_of(hasty))
    assert gate.reached.wait(30)
    threading.Timer(1.0, gate.open).start()
    (result,) = seen.result(60)
    assert result["text"] == THOUGHT + ANSWER


def test_what_fails_after_a_reconnect_hurts_no_other_task(
    server: Scripted, tour: list[str | Path], wire: Cable, background: Submit
) -> None:
    """The SDK has given the sync task up, and hands an error that nobody waits for to all tasks."""
    first, second = Gate(), Gate()
    server.say("I was ab", error=EngineCrashed("The engine died."), gate=first)
    server.say(WORDS, gate=second)
    seen = background(play, tour, "both", wire.port)
    assert first.reached.wait(30)
    assert second.reached.wait(30)
    wire.connected(more_than=wire.cut())
    first.open()
    threading.Timer(1.0, second.open).start()
    lost, (result,) = sorted(seen.result(60), key=lambda each: isinstance(each, list))
    assert lost["code"] in ("connection", "unknown")
    assert result["status"] == "success"


def test_the_server_dies_and_comes_back(tour: list[str | Path], background: Submit, tmp_path: Path) -> None:
    """What it has accepted is done all the same, and the SDK hears of it."""
    environ = {"MAXSERVE_DATA_DIR": str(tmp_path), "MAXSERVE_TASKS_LEASE_S": "1", "MAXSERVE_TASKS_POLL_S": "0.2"}
    with serving(env=environ) as first, cable(address_of(first)) as wire:
        seen = background(play, tour, "polled", wire.port, key="unused")
        while not httpx.get(f"{first.url}/maxserve/v1/tasks").json()["tasks"]:
            pass
        first.process.kill()
        with serving(env=environ) as second:
            wire.lead_to(address_of(second))
            (result,) = seen.result(60)["results"]
    assert "Paris" in result["text"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_wrong_key(server: Scripted, tour: list[str | Path], transport: str) -> None:
    error = play(tour, "sync", port_of(server), key="rw-wrong", transport=transport)["error"]
    assert error["code"] == "auth"
    assert "API key" in error["message"]
    streamed = play(tour, "stream", port_of(server), key="rw-wrong", transport="rest")["error"]
    assert (streamed["code"], streamed["status"]) == ("auth", 401)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_bad_fields(server: Scripted, tour: list[str | Path], transport: str) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"settings": {"maxTokens": 0}}, "validation", "settings.maxTokens"),
        ({"settings": {"steps": 4}}, "validation", "settings.steps"),
        ({"numberResults": 9, "deliveryMethod": "sync"}, "validation", "numberResults"),
        ({"taskUUID": "not-a-uuid"}, "validation", "taskUUID"),
        ({"model": "minimax:m9@0", "deliveryMethod": "sync"}, "notFound", "model"),
    ]
    errors = play(tour, "refused", port_of(server), fields=[fields for fields, *_ in wrong], transport=transport)
    assert [(error["code"], error["parameter"]) for error in errors] == [each[1:] for each in wrong]
    assert not any(error["retryable"] for error in errors)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("delivery", ["sync", "async"])
def test_an_engine_fails(server: Scripted, tour: list[str | Path], delivery: str, transport: str) -> None:
    for _ in range(2 if (delivery, transport) == ("sync", "rest") else 1):  # a 500 is tried again, with the same id
        server.say("I was ab", error=EngineCrashed("The engine died."))
    (error,) = play(tour, "refused", port_of(server), fields=[{"deliveryMethod": delivery}], transport=transport)
    assert (error["code"], error["retryable"]) == ("provider", True)


def test_an_engine_fails_once(server: Scripted, tour: list[str | Path]) -> None:
    server.say("I was ab", error=EngineCrashed("The engine died."))
    server.say(WORDS)
    ((result,),) = play(tour, "refused", port_of(server), fields=[{"deliveryMethod": "sync"}], transport="rest")
    assert result["text"] == THOUGHT + ANSWER


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_tools(server: Scripted, tour: list[str | Path], transport: str) -> None:
    server.say(CALL)
    server.say("Known.\n</think>\n\nIt rains in Oslo.")
    seen = play(tour, "tools", port_of(server), choice="auto", transport=transport)
    calling, (answer,) = seen["calling"], seen["answer"]
    assert calling["finishReason"] == "tool_calls"
    (call,) = calling["tools"]
    assert (call["name"], call["input"]) == ("get_weather", {"city": "Oslo"})
    assert answer["text"].endswith("It rains in Oslo.")
    assert "12 degrees, rain" in server.prompts[-1]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_models_details_and_account(server: Scripted, tour: list[str | Path], transport: str) -> None:
    server.say(WORDS)
    seen = play(tour, "look", port_of(server), transport=transport)
    (models,), (details,), (account,), (first,) = seen["models"], seen["details"], seen["account"], seen["first"]
    assert "minimax:m2.7@0" in {model["air"] for model in models["results"]}
    assert models["totalResults"] >= len(models["results"])
    assert details["taskUUID"] == first["taskUUID"]
    assert details["request"][0]["model"] == "minimax:m2.7@0"
    assert details["response"]["data"][0]["text"] == first["text"]
    assert account["operation"] == "getDetails"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_task_that_never_was(server: Scripted, tour: list[str | Path], transport: str) -> None:
    error = play(tour, "lost", port_of(server), transport=transport)["error"]
    assert (error["code"], error["task"]) == ("notFound", "00000000-0000-4000-8000-000000000000")


def test_an_answer_in_a_schema(served: Served, tour: list[str | Path]) -> None:
    schema = {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}}, "required": ["city"]}
    fields = {"outputFormat": "JSON", "jsonSchema": schema}
    (result,) = play(tour, "sync", port_of(served), key="unused", fields=fields)
    assert json.loads(result["text"].rpartition("</think>")[2])["city"] in ("Paris", "Rome")


def test_m3_has_its_thought_in_a_field(served: Served, tour: list[str | Path]) -> None:
    fields = {"model": "minimax:m3@0", "settings": {"temperature": 0, "thinkingLevel": "high"}}
    (result,) = play(tour, "sync", port_of(served), key="unused", fields=fields)
    assert result["reasoningContent"]
    assert "Paris" in result["text"]
    assert "<think>" not in result["text"]


def test_a_demo_checkpoint(served: Served, tour: list[str | Path]) -> None:
    first, second = play(tour, "two", port_of(served), key="unused")
    assert first["finishReason"] in ("stop", "length")
    assert first["taskUUID"] == second["taskUUID"]
    seen = play(tour, "tools", port_of(served), key="unused", choice="any")
    calling, (answer,) = seen["calling"], seen["answer"]
    assert calling["finishReason"] == "tool_calls"
    assert [call["name"] for call in calling["tools"]] == ["get_weather"]
    assert answer["text"]
