"""Requests that break each rule of docs/wire/runware.md §3.1, §3.2, §6.3, §14: the code, the sentence and the path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.apis.runware import InvalidTask, TaskError, TaskLimits, read_array, status_of
from maxserve.chat import Error

from .tasks import CATALOGUE, GONE, ID, LIMITS, OTHER_ID, body, read, refused, wrong

HI = {"role": "user", "content": "Hi"}
TOOL = {"name": "dice"}


def invalid(path: Any, must: str, **more: Any) -> dict[str, Any]:
    return {"code": "invalidParameter", "message": f"'{path}' must be {must}.", "parameter": path, **more}


@pytest.mark.parametrize(
    ("fields", "path", "must"),
    [
        ({"numberResults": 0}, "numberResults", "an integer between 1 and 4"),
        ({"numberResults": -1}, "numberResults", "an integer between 1 and 4"),
        ({"numberResults": 5}, "numberResults", "an integer between 1 and 4"),
        ({"numberResults": "2"}, "numberResults", "an integer between 1 and 4"),
        ({"seed": -1}, "seed", "an integer between 0 and 4294967295"),
        ({"seed": 4294967296}, "seed", "an integer between 0 and 4294967295"),
        ({"seed": 1.5}, "seed", "an integer between 0 and 4294967295"),
        ({"messages": []}, "messages", "an array of at least 1 item"),
        ({"messages": "Hi"}, "messages", "an array of at least 1 item"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content", "a string of at least 1 character"),
        ({"messages": [HI, {"role": "user", "content": 5}]}, "messages[1].content", "a string"),
        ({"model": 7}, "model", "a string of at least 1 character"),
        ({"includeCost": "yes"}, "includeCost", "a boolean"),
        ({"settings": []}, "settings", "an object"),
        ({"settings": {"maxTokens": 0}}, "settings.maxTokens", "an integer between 1 and 196608"),
        ({"settings": {"maxTokens": 196609}}, "settings.maxTokens", "an integer between 1 and 196608"),
        ({"settings": {"maxTokens": "9"}}, "settings.maxTokens", "an integer between 1 and 196608"),
        ({"maxTokens": 196609}, "maxTokens", "an integer between 1 and 196608"),
        ({"settings": {"temperature": 1.01}}, "settings.temperature", "a number between 0 and 1"),
        ({"settings": {"topP": -0.1}}, "settings.topP", "a number between 0 and 1"),
        ({"settings": {"minP": 2}}, "settings.minP", "a number between 0 and 1"),
        ({"settings": {"topK": -1}}, "settings.topK", "an integer between 0 and 2147483647"),
        ({"settings": {"presencePenalty": 3}}, "settings.presencePenalty", "a number between -2 and 2"),
        ({"settings": {"frequencyPenalty": -3}}, "settings.frequencyPenalty", "a number between -2 and 2"),
        ({"settings": {"repetitionPenalty": 0}}, "settings.repetitionPenalty", "a number above 0 and at most 2"),
        ({"settings": {"systemPrompt": ""}}, "settings.systemPrompt", "a string of 1 to 200000 characters"),
        ({"settings": {"systemPrompt": "x" * 200001}}, "settings.systemPrompt", "a string of 1 to 200000 characters"),
        ({"settings": {"stopSequences": ["x"] * 6}}, "settings.stopSequences", "an array of at most 5 items"),
        (
            {"settings": {"stopSequences": ["a", "x" * 51]}}, "settings.stopSequences[1]",
            "a string of 1 to 50 characters",
        ),
        ({"tools": [{"name": "dice", "schema": []}]}, "tools[0].schema", "an object"),
        ({"webhookURL": "ftp://example.com"}, "webhookURL", "an http or https URL"),
        ({"webhookURL": "example.com/hook"}, "webhookURL", "an http or https URL"),
        ({"jsonSchema": "{}"}, "jsonSchema", "an object"),
    ],
)  # fmt: skip
def test_types_and_ranges(fields: dict[str, Any], path: str, must: str) -> None:
    assert wrong(**fields) == invalid(path, must)


@pytest.mark.parametrize(
    ("fields", "path", "allowed"),
    [
        ({"deliveryMethod": "push"}, "deliveryMethod", ["async", "stream", "sync"]),
        ({"outputFormat": "json"}, "outputFormat", ["JSON", "TEXT"]),
        (
            {"settings": {"thinkingLevel": "extreme"}}, "settings.thinkingLevel",
            ["adaptive", "high", "low", "max", "medium", "none", "off"],
        ),
        ({"settings": {"cache": {"ttl": "1d"}}}, "settings.cache.ttl", ["1h", "5m"]),
        ({"toolChoice": {"type": "required"}}, "toolChoice.type", ["any", "auto", "none", "tool"]),
        ({"messages": [{"role": "human", "content": "Hi"}]}, "messages[0].role", ["assistant", "tool", "user"]),
    ],
)  # fmt: skip
def test_values_that_can_be_counted_are_told(fields: dict[str, Any], path: str, allowed: list[str]) -> None:
    named = ", ".join(f"'{value}'" for value in allowed)
    error = wrong(**fields)
    assert (error["code"], error["parameter"], error["allowedValues"]) == ("invalidParameter", path, allowed)
    assert error["message"] == f"'{path}' must be one of {named}."


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"taskUUID": GONE}, "taskUUID"),
        ({"model": GONE}, "model"),
        ({"messages": GONE}, "messages"),
        ({"messages": [{"content": "Hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [HI, {"role": "tool", "content": "7"}]}, "messages[1].id"),
        ({"messages": [HI, {"role": "tool", "id": "a"}]}, "messages[1].content"),
        ({"messages": [{"role": "assistant", "tools": [{"id": "a"}]}, HI]}, "messages[0].tools[0].name"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [TOOL], "toolChoice": {"type": "tool"}}, "toolChoice.name"),
        ({"toolChoice": {}}, "toolChoice.type"),
    ],
)
def test_what_is_missing(fields: dict[str, Any], path: str) -> None:
    (task,) = read(body(**fields))
    error = refused(task)
    assert (error["code"], error["parameter"]) == ("missingParameter", path)
    assert error["message"] == f"Missing required parameter: '{path}'"


@pytest.mark.parametrize(
    ("fields", "path", "hint"),
    [
        ({"settings": {"maxToken": 5}}, "settings.maxToken", "settings.maxTokens"),
        ({"settings": {"max_tokens": 5}}, "settings.max_tokens", "settings.maxTokens"),
        ({"max_tokens": 5}, "max_tokens", "maxTokens"),
        ({"minP": 0.1}, "minP", "settings.minP"),
        ({"settings": {"seed": 1}}, "settings.seed", "seed"),
        ({"numberResult": 1}, "numberResult", "numberResults"),
        ({"response_format": {}}, "response_format", None),
        ({"positivePrompt": "a cat"}, "positivePrompt", None),
        ({"messages": [{**HI, "name": "me"}]}, "messages[0].name", None),
        ({"settings": {"cache": {"time": "5m"}}}, "settings.cache.time", None),
    ],
)
def test_what_nobody_knows_is_refused_with_what_was_meant(fields: dict[str, Any], path: str, hint: str | None) -> None:
    error = wrong(**fields)
    assert (error["code"], error["parameter"]) == ("unsupportedParameter", path)
    more = f" Did you mean '{hint}'?" if hint else ""
    assert error["message"] == f"Unsupported parameter: '{path}'.{more}"


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"toolChoice": {"type": "any"}}, ["toolChoice", "tools"]),
        ({"settings": {"toolChoice": {"type": "any"}, "tools": []}}, ["settings.toolChoice", "settings.tools"]),
        ({"tools": [TOOL], "toolChoice": {"type": "tool", "name": "x"}}, ["toolChoice.name", "tools"]),
        ({"jsonSchema": {}, "outputFormat": "TEXT"}, ["jsonSchema", "outputFormat"]),
        ({"maxTokens": 5, "settings": {"maxTokens": 6}}, ["maxTokens", "settings.maxTokens"]),
        ({"settings": {"thinking": False, "thinkingLevel": "high"}}, ["settings.thinkingLevel", "settings.thinking"]),
        ({"messages": [{**HI, "tools": []}, {**HI, "tools": [{"id": "a", "name": "x"}]}]}, [
            "messages[1].tools", "messages[1].role",
        ]),
        ({"messages": [{**HI, "id": "a"}]}, ["messages[0].id", "messages[0].role"]),
    ],
)  # fmt: skip
def test_rules_over_several_fields_name_them_all(fields: dict[str, Any], paths: list[str]) -> None:
    error = wrong(**fields)
    assert (error["code"], error["parameter"]) == ("invalidParameter", paths)
    assert f"'{paths[0]}" in error["message"]


def test_a_system_message_is_sent_to_its_place() -> None:
    error = wrong(messages=[{"role": "system", "content": "Be brief."}, HI])
    assert error["message"].endswith("Text for the system goes into 'settings.systemPrompt'.")
    assert error["parameter"] == "messages[0].role"


def test_the_last_message_asks() -> None:
    error = wrong(messages=[HI, {"role": "assistant", "content": "Hello!"}])
    assert (error["code"], error["parameter"]) == ("invalidParameter", "messages[1].role")
    assert "must be 'user'" in error["message"]


@pytest.mark.parametrize(
    "uuid",
    [
        "",
        "abc",
        5,
        ID.replace("-4c0e", "-1c0e"),
        ID.replace("-9a58", "-ca58"),
        ID + "0",
        f"{{{ID}}}",
        ID.replace("-", ""),
    ],
)
def test_uuids_are_strict(uuid: Any) -> None:
    (task,) = read(body(taskUUID=uuid))
    error = refused(task)
    assert (error["code"], error["parameter"]) == ("invalidTaskUUID", "taskUUID")


def test_an_unknown_model_is_not_found() -> None:
    (task,) = read(body(model="minimax:m9@0"))
    assert status_of(task.error) == 404
    assert refused(task)["code"] == "unknownModel"
    assert "Did you mean minimax:m" in refused(task)["message"]


def test_media_is_refused_clearly() -> None:
    error = wrong(inputs={"images": ["https://example.com/a.png"]})
    assert (error["code"], error["parameter"]) == ("unsupportedParameter", "inputs")


def test_two_tools_of_one_name_and_a_name_that_is_none() -> None:
    assert wrong(tools=[TOOL, TOOL])["parameter"] == "tools[1].name"
    assert wrong(tools=[{"name": "two words"}])["parameter"] == "tools[0].name"


def test_more_tokens_than_the_model_writes() -> None:
    assert wrong(model="demo-m2", settings={"maxTokens": 4097}) == invalid(
        "settings.maxTokens", "an integer between 1 and 4096"
    )
    assert wrong(model="minimax:m3@0", settings={"maxTokens": 600000}) == invalid(
        "settings.maxTokens", "an integer between 1 and 524288"
    )


def test_a_webhook_that_must_not_be_called() -> None:
    def judge(url: str) -> None:
        if "127.0.0.1" in url:
            raise ValueError("The address 127.0.0.1 is this machine's own.")

    limits = TaskLimits(catalogue=CATALOGUE, webhook=judge)
    error = wrong(limits, webhookURL="http://127.0.0.1/hook")
    assert error["message"] == "'webhookURL' cannot be called: The address 127.0.0.1 is this machine's own."
    (task,) = read(body(webhookURL="https://example.com/hook"), limits=limits)
    assert task.webhook == "https://example.com/hook"


def test_one_task_s_fault_is_not_its_neighbours() -> None:
    tasks = read(body(taskUUID=OTHER_ID), body(seed=-1), 5, {"taskType": "ping", "ping": True}, {"taskType": "dance"})
    assert [type(task).__name__ for task in tasks] == [
        "TextInference",
        "InvalidTask",
        "InvalidTask",
        "Ping",
        "InvalidTask",
    ]
    assert refused(tasks[1])["taskUUID"] == ID
    assert refused(tasks[4])["allowedValues"][0] == "textInference"


def test_one_id_twice_in_an_array() -> None:
    first, second, poll = read(body(), body(taskUUID=ID.upper()), {"taskType": "getResponse", "taskUUID": ID})
    assert (type(first).__name__, type(poll).__name__) == ("TextInference", "GetResponse")
    assert (refused(second)["code"], refused(second)["taskUUID"]) == ("conflictTaskUUID", ID.upper())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{}", "must be an array"),
        (b'"x"', "must be an array"),
        (b"[]", "holds no task"),
        (b"[", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"", "not valid JSON"),
    ],
)
def test_a_body_that_is_no_array(data: bytes, says: str) -> None:
    with pytest.raises(TaskError, match=says) as caught:
        read_array(data, LIMITS)
    assert status_of(caught.value) == 400


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (b'"seed":1,"messages":[{"role":"user","content":"\xff"}]', "not valid JSON"),
        (b'"\xff":1', "not valid JSON"),
        (b'"seed":1e400', "'seed' must be an integer"),
    ],
)
def test_a_task_that_is_no_text(inside: bytes, says: str) -> None:
    start = json.dumps(body(messages=GONE)).encode()[:-1]
    first, second = read_array(b"[" + start + b"," + inside + b'},{"taskType":"ping"}]', LIMITS)
    assert says in refused(first)["message"]
    assert refused(first)["taskUUID"] == ID
    assert type(second).__name__ == "Ping"


def test_a_body_that_is_nested_too_deeply() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(TaskError, match="nested too deeply"):
        read_array(b'[{"taskType":"ping","x":' + deep + b"}]", LIMITS)


def test_too_many_tasks() -> None:
    limits = TaskLimits(catalogue=CATALOGUE, max_tasks=2)
    with pytest.raises(TaskError, match="holds 3 tasks; at most 2"):
        read(*[{"taskType": "ping"}] * 3, limits=limits)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    "taskType taskUUID model messages settings tools toolChoice seed inputs jsonSchema outputFormat topP".split()
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4), st.dictionaries(st.text(max_size=12), _VALUES, max_size=3))
def test_whatever_is_sent_is_read_or_refused(fields: dict[str, Any], settings: dict[str, Any]) -> None:
    task = body(settings=settings) | fields
    (found,) = read(task)
    if isinstance(found, InvalidTask):
        assert isinstance(found.error, Error)
        assert status_of(found.error) in (400, 404)
        refused(found)
