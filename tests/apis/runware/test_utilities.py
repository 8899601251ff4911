"""The tasks beside textInference: reading them, and their answers (docs/wire/runware.md §2, §9)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from maxserve.apis.runware import (
    AccountDetails,
    Authentication,
    GetResponse,
    GetTaskDetails,
    ModelSearch,
    Ping,
    Spent,
    account,
    found,
    is_air,
    redacted,
)

from .tasks import CATALOGUE, ID, OTHER_ID, asked, read, refused


def test_what_can_be_asked() -> None:
    tasks = read(
        {"taskType": "authentication", "apiKey": "rw_demo_key"},
        {"taskType": "authentication", "apiKey": "rw_demo_key", "connectionSessionUUID": OTHER_ID},
        {"taskType": "ping", "ping": True},
        {"taskType": "getResponse", "taskUUID": ID},
        {"taskType": "getTaskDetails", "taskUUID": ID.upper()},
        {"taskType": "accountManagement", "taskUUID": ID, "operation": "getDetails"},
        {"taskType": "modelSearch", "taskUUID": ID, "search": "m2", "limit": 2, "customTaskUUID": "x", "retry": 3},
    )
    assert tasks == [
        Authentication("rw_demo_key"),
        Authentication("rw_demo_key", OTHER_ID),
        Ping(),
        GetResponse(ID, ID),
        GetTaskDetails(ID.upper(), ID),
        AccountDetails(ID),
        ModelSearch(uuid=ID, search="m2", limit=2),
    ]


@pytest.mark.parametrize(
    ("task", "code", "path"),
    [
        ({"taskType": "authentication"}, "missingParameter", "apiKey"),
        ({"taskType": "authentication", "apiKey": 5}, "invalidParameter", "apiKey"),
        ({"taskType": "getResponse"}, "missingParameter", "taskUUID"),
        ({"taskType": "getTaskDetails", "taskUUID": "x"}, "invalidTaskUUID", "taskUUID"),
        ({"taskType": "modelSearch", "taskUUID": ID, "limit": 0}, "invalidParameter", "limit"),
        ({"taskType": "modelSearch", "taskUUID": ID, "source": "x"}, "invalidParameter", "source"),
        ({"taskType": "accountManagement", "taskUUID": ID}, "missingParameter", "operation"),
        ({"taskType": "accountManagement", "taskUUID": ID, "operation": "pay"}, "invalidParameter", "operation"),
        ({"taskType": "imageInference", "taskUUID": ID}, "invalidTaskType", "taskType"),
        ({"taskType": 5}, "invalidTaskType", "taskType"),
        ({}, "missingParameter", "taskType"),
    ],
)
def test_what_cannot(task: dict[str, Any], code: str, path: str) -> None:
    (fault,) = read(task)
    error = refused(fault)
    assert (error["code"], error["parameter"]) == (code, path)


def search(**fields: Any) -> Any:
    (task,) = read({"taskType": "modelSearch", "taskUUID": ID, **fields})
    told = json.loads(found(task, CATALOGUE))
    assert (told.pop("taskType"), told.pop("taskUUID")) == ("modelSearch", ID)
    assert list(told) == ["totalResults", "results"]
    return told


def airs(**fields: Any) -> list[str]:
    return [model["air"] for model in search(**fields)["results"]]


def test_a_search_by_name() -> None:
    assert airs(search="M2.7") == ["minimax:m2.7@0", "minimax:m2.7@highspeed"]
    assert airs(search="minimax:m3@0") == ["minimax:m3@0"]
    assert airs(search="flux") == []


def test_pages_and_order() -> None:
    every = [model.name for model in CATALOGUE.models]
    assert search(limit=3, offset=2)["totalResults"] == len(every)
    assert [model["name"] for model in search(limit=3, offset=2)["results"]] == every[2:5]
    names = [model["name"] for model in search(sort="-name")["results"]]
    assert names == sorted(every, key=str.lower, reverse=True)


def test_filters_that_nothing_of_ours_passes() -> None:
    assert airs(category="checkpoint", source="official", visibility="public", architecture="minimax-m3")[0] == (
        "minimax:m3@0"
    )
    for nothing in ({"category": "lora"}, {"source": "community"}, {"visibility": "private"}, {"architecture": "sdxl"}):
        assert airs(**nothing) == []


def test_a_result_has_what_every_sdk_requires() -> None:
    (model, *_) = search(search="m2.7")["results"]
    strings = ("air", "name", "version", "category", "architecture", "heroImage", "comment")
    assert all(isinstance(model[name], str) for name in strings)
    assert (model["tags"], model["private"], model["version"]) == (["text"], False, "0")


def test_the_account() -> None:
    spent = {"today": Spent(0.25, 3)}
    told = json.loads(account(AccountDetails(ID), "abcdefabcdef", spent))
    assert (told["taskType"], told["taskUUID"], told["operation"]) == ("accountManagement", ID, "getDetails")
    assert uuid.UUID(told["organizationUUID"]).version == 5
    assert told["apiKeys"] == [{"name": "abcdefabcdef", "apiKey": "sha256:abcdefabcdef…", "enabled": True}]
    assert told["usage"]["today"] == {"credits": 0.25, "requests": 3}
    assert told["usage"]["total"] == {"credits": 0.0, "requests": 0}
    nobody = json.loads(account(AccountDetails(ID), None, {}))
    assert nobody["apiKeys"] == []
    assert nobody["organizationUUID"] != told["organizationUUID"]


@pytest.mark.parametrize("name", ["minimax:m2.7@0", "runware:100@1", "google:gemini@3.1-pro"])
def test_air_names(name: str) -> None:
    assert is_air(name)


def test_what_is_kept_is_masked() -> None:
    task = asked(
        messages=[
            {"role": "user", "content": "I am ann@example.com"},
            {
                "role": "assistant",
                "tools": [
                    {"id": "a@b", "name": "mail", "input": {"to": ["ann@example.com"], "name": "ann@example.com"}}
                ],
            },
            {"role": "tool", "id": "a@b", "content": "sent to ann@example.com"},
        ],
        settings={"systemPrompt": "You serve ann@example.com", "maxTokens": 5},
        webhookURL="https://example.com/hook?token=s",
        tools=[{"name": "mail", "description": "Write to ann@example.com"}],
    )
    kept = redacted(task.raw, lambda text: text.replace("ann@example.com", "***"))
    assert json.loads(kept) == json.loads(task.raw) | {
        "messages": [
            {"role": "user", "content": "I am ***"},
            {"role": "assistant", "tools": [{"id": "a@b", "name": "mail", "input": {"to": ["***"], "name": "***"}}]},
            {"role": "tool", "id": "a@b", "content": "sent to ***"},
        ],
        "settings": {"systemPrompt": "You serve ***", "maxTokens": 5},
    }
