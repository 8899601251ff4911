"""MiniMax's special roles through the real app: whichever chat API is asked, the model is told the same.

The engine says nothing of interest; what counts is the prompt it gets (docs/wire/minimax.md §13).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maxserve.cli.render import render
from maxserve.config.settings import ChatSettings
from tests.service.replay import Script, end, said

from .test_cloudsway import asking

PATHS = [
    "/v1/chat/completions",
    "/openai/v1/chat/completions",
    "/minimax/v1/chat/completions",
    "/v1/text/chatcompletion_v2",
    "/cloudsway/v1/chat/completions",
    "/v1/ai/anything/chat/completions",
]
MESSAGES = "/v1/messages"
HI: Script = [*said("They greet.", "\n</think>\n\n", "Hi."), end()]
SCENE: list[dict[str, Any]] = [
    {"role": "system", "name": "Mira", "content": "You are an innkeeper."},
    {"role": "user_system", "name": "Tom", "content": "a tired traveller"},
    {"role": "group", "name": "The Golden Goose"},
    {"role": "sample_message_user", "name": "Tom", "content": "Is it late?"},
    {"role": "sample_message_ai", "name": "Mira", "content": [{"type": "text", "text": "Never too late for soup."}]},
    {"role": "user", "name": "Tom", "content": "Good evening!"},
]
TOLD = (
    "You are an innkeeper.",
    "Tom",
    "a tired traveller",
    "The Golden Goose",
    "Is it late?",
    "Never too late for soup.",
)


async def prompt(path: str, model: str, messages: list[dict[str, Any]], **tables: Any) -> str:
    async with asking(HI, **tables) as client:
        answer = await client.post(path, json={"model": model, "messages": messages})
        assert answer.status_code == 200, answer.text
        (completion,) = client.engine.asked  # type: ignore[attr-defined]
    text: str = completion.prompt
    return text


@pytest.mark.parametrize("path", [*PATHS, MESSAGES])
async def test_the_model_is_told_of_the_scene(path: str, tmp_path: Path) -> None:
    told = await prompt(path, "MiniMax-M2.7", SCENE)
    system, user = told.split("]~b]user\n")
    for words in TOLD:
        assert words in system
    assert system.count("]~b]") == 1, "everything is told in one system turn"
    assert user.startswith("Good evening![e~[")
    written = tmp_path / "request.json"
    written.write_text(json.dumps({"model": "MiniMax-M2.7", "messages": SCENE}), encoding="utf-8")
    assert told == render(written), "maxserve render shows what is sent"


@pytest.mark.parametrize("path", [*PATHS, MESSAGES])
async def test_a_system_message_with_only_a_name_names_the_model(path: str) -> None:
    messages = [{"role": "system", "name": "MiniMax AI"}, {"role": "user", "content": "hello", "name": "user"}]
    told = await prompt(path, "MaaS_Minimax_M2.7_20260318", messages)
    assert "]~b]system\nYour name is MiniMax AI.[e~[" in told
    assert told.endswith("]~b]user\nhello[e~[\n]~b]ai\n<think>\n")


@pytest.mark.parametrize("flavour", ["openai", "minimax", "cloudsway", "runware"])
async def test_names_tell_several_speakers_apart(flavour: Any) -> None:
    messages = [
        {"role": "user", "name": "Tom", "content": "Soup, please."},
        {"role": "user", "name": "Anna", "content": "And bread."},
    ]
    told = await prompt("/v1/chat/completions", "demo-m2", messages, chat=ChatSettings(flavour=flavour))
    assert "Tom: Soup, please." in told
    assert "Anna: And bread." in told


@pytest.mark.parametrize("path", PATHS)
async def test_what_cannot_be_told_is_refused_by_name(path: str) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    hello = {"role": "user", "content": "hello"}
    async with asking() as client:
        for message, words in (
            ({"role": "sample_message_user", "name": "Tom"}, "'messages[1].content' is required"),
            ({"role": "user", "name": "Tom"}, "'messages[1].content' is required"),
            ({"role": "group"}, "'messages[1].content' is required"),
            (
                {"role": "group", "content": [image]},
                "messages[1].content[0]: a message of the role group",
            ),
        ):
            answer = await client.post(path, json={"model": "MiniMax-M2.7", "messages": [hello, message]})
            assert answer.status_code == (200 if path.endswith("_v2") else 400)
            assert words in answer.text
        assert not client.engine.asked  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["user", "sample_message_user", "sample_message_ai"])
async def test_messages_need_words_too(role: str) -> None:
    async with asking() as client:
        sent = [{"role": "user", "content": "hello"}, {"role": role, "name": "Tom"}]
        answer = await client.post(MESSAGES, json={"model": "MiniMax-M2.7", "messages": sent, "max_tokens": 9})
        picture = [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]
        sent[1] = {"role": "group", "content": picture}  # type: ignore[dict-item]
        other = await client.post(MESSAGES, json={"model": "MiniMax-M2.7", "messages": sent, "max_tokens": 9})
    assert (answer.status_code, other.status_code) == (400, 400)
    assert "messages[1].content" in answer.json()["error"]["message"]
    assert "messages[1].content[0]" in other.json()["error"]["message"]
