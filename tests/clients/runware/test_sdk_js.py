"""Runware's first JavaScript SDK, `@runware/sdk-js` 1.3, unmodified, against a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from maxserve.chat import EngineCrashed
from tests.service.replay import Gate
from tests.support.scripted import Scripted
from tests.support.serving import Served

from .cable import Cable
from .conftest import ANSWER, CALL, WORDS, node, play, play_with_webhook, port_of

pytestmark = pytest.mark.node

Submit = Callable[..., Future[Any]]
THOUGHT = "<think>\nEasy.\n</think>\n\n"


@pytest.fixture(scope="module")
def tour() -> list[str]:
    return node("sdk_js_tour.mjs")


def test_sync(server: Scripted, tour: list[str]) -> None:
    server.say(WORDS)
    (result,) = play(tour, "sync", port_of(server))
    assert result["text"] == THOUGHT + ANSWER
    assert (result["taskType"], result["finishReason"], result["seed"]) == ("textInference", "stop", 7)
    assert result["usage"]["totalTokens"] == result["usage"]["promptTokens"] + result["usage"]["completionTokens"]
    assert result["cost"] > 0
    asked = server.completions[-1]
    assert "Answer briefly." in asked.prompt
    assert (asked.sampling.temperature, asked.sampling.top_p, asked.sampling.seed) == (0.5, 0.9, 7)


def test_the_flat_form_that_its_types_have(server: Scripted, tour: list[str]) -> None:
    server.say(WORDS)
    (result,) = play(tour, "flat", port_of(server))
    assert result["text"] == THOUGHT + ANSWER
    asked = server.completions[-1]
    assert "Answer briefly." in asked.prompt
    assert (asked.sampling.temperature, asked.sampling.top_p, asked.sampling.top_k) == (0.5, 0.9, 20)
    assert asked.max_tokens == 200


def test_two_results(server: Scripted, tour: list[str]) -> None:
    server.say(WORDS, WORDS)
    first, second = play(tour, "two", port_of(server))
    assert [result["text"] for result in (first, second)] == [THOUGHT + ANSWER] * 2
    assert [result["seed"] for result in (first, second)] == [7, 8]
    assert first["taskUUID"] == second["taskUUID"]
    assert first["cost"] > 0 < second["cost"]


def test_many_at_once(server: Scripted, tour: list[str]) -> None:
    before = len(server.completions)
    for number in range(20):
        server.say(f"Hm.\n</think>\n\nword {number}")
    results = play(tour, "many", port_of(server), count=20)
    order = {
        int(asked.prompt.split("Say the number ")[1].split(".")[0]): at
        for at, asked in enumerate(server.completions[before:])
    }
    assert [result["text"].split("word ")[1] for (result,) in results] == [str(order[number]) for number in range(20)]


@pytest.mark.parametrize("words", [[WORDS], [WORDS, WORDS]])
def test_async(server: Scripted, tour: list[str], words: list[str]) -> None:
    server.say(*words)
    results = play(tour, "polled", port_of(server), results=len(words))
    assert [result["text"] for result in results] == ["<think>\n" + each for each in words]
    assert {result["status"] for result in results} == {"success"}


def test_an_async_answer_without_words(server: Scripted, tour: list[str]) -> None:
    """The SDK knows results by their text, if they have nothing else to be known by."""
    server.say(CALL)
    fields = {"settings": {"splitThinking": True}, "tools": [{"name": "get_weather", "description": "", "schema": {}}]}
    (result,) = play(tour, "polled", port_of(server), fields=fields)
    assert (result["text"], result["finishReason"]) == ("", "tool_calls")
    assert result["tools"][0]["input"] == {"city": "Oslo"}


def test_streaming_that_the_sdk_has_not(server: Scripted, tour: list[str]) -> None:
    server.say(WORDS)
    seen = play(tour, "stream", port_of(server))
    assert seen["text"] == THOUGHT + ANSWER


@pytest.mark.parametrize("delivery", ["sync", "async"])
async def test_webhook(server: Scripted, tour: list[str], delivery: str) -> None:
    server.say(WORDS)
    (result,), body = await play_with_webhook(tour, port_of(server), delivery)
    assert (body["taskType"], body["text"], body["finishReason"]) == ("textInference", THOUGHT + ANSWER, "stop")
    assert (result["taskUUID"], result["text"]) == (body["taskUUID"], body["text"])


def test_reconnect_in_the_middle(server: Scripted, tour: list[str], wire: Cable, background: Submit) -> None:
    """The SDK comes back without its session, and goes on polling."""
    gate, asked = Gate(), len(server.completions)
    server.say(WORDS, gate=gate)
    seen = background(play, tour, "polled", wire.port)
    assert gate.reached.wait(30)
    wire.connected(more_than=wire.cut())
    gate.open()
    (result,) = seen.result(60)
    assert result["text"] == THOUGHT + ANSWER
    assert len(server.completions) == asked + 1, "it ran once"


def test_a_silent_connection(hasty: Scripted, tour: list[str], background: Submit) -> None:
    """The server hangs up, but not on those who wait for an answer; the SDK connects again."""
    gate = Gate()
    hasty.say(WORDS, gate=gate)
    seen = background(play, tour, "idle", port_of(hasty))
    assert gate.reached.wait(30)
    threading.Timer(1.0, gate.open).start()
    (result,) = seen.result(60)
    assert result["text"] == THOUGHT + ANSWER


def test_a_wrong_key(server: Scripted, tour: list[str]) -> None:
    error = play(tour, "sync", port_of(server), key="rw-wrong")["error"]
    assert error["code"] == "invalidApiKey"
    assert "API key" in error["message"]


def test_bad_fields(server: Scripted, tour: list[str]) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"settings": {"maxTokens": 0}}, "invalidParameter", "settings.maxTokens"),
        ({"steps": 4}, "unsupportedParameter", "steps"),
        ({"numberResults": 9}, "invalidParameter", "numberResults"),
        ({"customTaskUUID": "not-a-uuid"}, "invalidTaskUUID", "taskUUID"),
        ({"model": "minimax:m9@0", "deliveryMethod": "async"}, "unknownModel", "model"),
    ]
    errors = play(tour, "refused", port_of(server), fields=[fields for fields, *_ in wrong])
    assert [(error["code"], error["parameter"]) for error in errors] == [each[1:] for each in wrong]


@pytest.mark.parametrize("delivery", ["sync", "async"])
def test_an_engine_fails(server: Scripted, tour: list[str], delivery: str) -> None:
    server.say("I was ab", error=EngineCrashed("The engine died."))
    (error,) = play(tour, "refused", port_of(server), fields=[{"deliveryMethod": delivery}])
    assert error["code"] == "inferenceError"


def test_a_dry_run_runs_nothing(server: Scripted, tour: list[str]) -> None:
    asked = len(server.completions)
    first, second = play(tour, "two", port_of(server), dryRun=True)
    assert first["cost"] > 0 < second["cost"]
    assert len(server.completions) == asked


def test_tools(server: Scripted, tour: list[str]) -> None:
    server.say(CALL)
    server.say("Known.\n</think>\n\nIt rains in Oslo.")
    seen = play(tour, "tools", port_of(server), choice="auto")
    calling, (answer,) = seen["calling"], seen["answer"]
    assert calling["finishReason"] == "tool_calls"
    (call,) = calling["tools"]
    assert (call["name"], call["input"]) == ("get_weather", {"city": "Oslo"})
    assert answer["text"].endswith("It rains in Oslo.")
    assert "12 degrees, rain" in server.prompts[-1]


def test_models_and_a_finished_task(server: Scripted, tour: list[str]) -> None:
    server.say(WORDS)
    seen = play(tour, "look", port_of(server))
    assert "minimax:m2.7@0" in {model["air"] for model in seen["models"]["results"]}
    (first,), (again,) = seen["first"], seen["again"]
    assert again == first | {"status": "success"}


def test_m3_has_its_thought_in_a_field(served: Served, tour: list[str]) -> None:
    fields = {"model": "minimax:m3@0", "settings": {"temperature": 0, "thinkingLevel": "high"}}
    (result,) = play(tour, "sync", port_of(served), key="unused", fields=fields)
    assert result["reasoningContent"]
    assert "Paris" in result["text"]
    assert "<think>" not in result["text"]


def test_a_demo_checkpoint(served: Served, tour: list[str]) -> None:
    first, second = play(tour, "two", port_of(served), key="unused")
    assert first["finishReason"] in ("stop", "length")
    assert first["taskUUID"] == second["taskUUID"]
    seen = play(tour, "tools", port_of(served), key="unused", choice="any")
    calling, (answer,) = seen["calling"], seen["answer"]
    assert calling["finishReason"] == "tool_calls"
    assert [call["name"] for call in calling["tools"]] == ["get_weather"]
    assert answer["text"]
