"""MiniMax's special roles and `name` mean the same behind every chat door (docs/wire/minimax.md §1.4, §13)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.chat import InvalidRequest, Message, RequestError, TextPart, Unsupported
from maxserve.dialects.cloudsway import CloudswayChat
from maxserve.dialects.door import Arrival
from maxserve.dialects.openai import ChatDoor, OpenAIChat

DOORS: list[ChatDoor] = [OpenAIChat(), CloudswayChat()]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
HELLO = {"role": "user", "content": "hello"}


@pytest.fixture(params=DOORS, ids=lambda door: type(door).__name__)
def door(request: pytest.FixtureRequest) -> ChatDoor:
    made: ChatDoor = request.param
    return made


def read(door: ChatDoor, *messages: Any) -> tuple[Message, ...]:
    body = {"model": "MiniMax-M2.7", "messages": messages}
    return door.read(json.dumps(body).encode(), Arrival("0" * 24, 0)).request.messages


def test_every_special_role_with_name_and_content(door: ChatDoor) -> None:
    roles = ("system", "user_system", "group", "sample_message_user", "sample_message_ai", "user")
    sent = [{"role": role, "name": f"n{i}", "content": f"c{i}"} for i, role in enumerate(roles)]
    assert [(m.role, m.name, m.content) for m in read(door, *sent)] == [
        (role, f"n{i}", f"c{i}") for i, role in enumerate(roles)
    ]


def test_content_as_an_array_of_text(door: ChatDoor) -> None:
    part = {"type": "text", "text": "a tavern"}
    message, _ = read(door, {"role": "group", "content": [part, part]}, HELLO)
    assert message.content == (TextPart("a tavern"), TextPart("a tavern"))


@pytest.mark.parametrize("role", ["system", "user_system", "group"])
@pytest.mark.parametrize("content", [..., None, []])
def test_a_name_alone_is_enough_where_it_tells_something(door: ChatDoor, role: str, content: Any) -> None:
    sent = {"role": role, "name": "MiniMax AI"} | ({} if content is ... else {"content": content})
    message, _ = read(door, sent, HELLO)
    assert (message.role, message.name, message.content) == (role, "MiniMax AI", "")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("user", "Anna"),
        ("sample_message_user", "Anna"),
        ("sample_message_ai", "Bot"),
        ("system", None),
        ("user_system", None),
        ("group", ""),
    ],
)
@pytest.mark.parametrize("content", [..., None, []])
def test_content_is_required_where_nothing_else_is_said(door: ChatDoor, role: str, name: Any, content: Any) -> None:
    sent = {"role": role, "name": name} | ({} if content is ... else {"content": content})
    with pytest.raises(InvalidRequest, match=r"'messages\[1\]\.content' is required") as caught:
        read(door, HELLO, sent)
    assert caught.value.param == "messages[1].content"
    assert role in caught.value.message


def test_an_empty_text_is_a_text(door: ChatDoor) -> None:
    assert [message.content for message in read(door, {"role": "user", "content": ""})] == [""]


@pytest.mark.parametrize("role", ["system", "user_system", "group", "sample_message_user", "sample_message_ai"])
def test_only_text_can_be_told(door: ChatDoor, role: str) -> None:
    with pytest.raises(Unsupported, match=f"role {role} can hold text only") as caught:
        read(door, {"role": role, "name": "x", "content": [{"type": "text", "text": "see"}, IMAGE]}, HELLO)
    assert caught.value.param == "messages[0].content[1]"
    with pytest.raises(RequestError, match=r"messages\[0\]\.content\[0\]: parts of type 'input_audio'"):
        read(door, {"role": role, "content": [{"type": "input_audio", "input_audio": {}}]}, HELLO)


def test_an_unknown_role_is_refused_by_name(door: ChatDoor) -> None:
    with pytest.raises(InvalidRequest, match="not 'narrator'") as caught:
        read(door, {"role": "narrator", "content": "x"})
    assert caught.value.param == "messages[0].role"
    assert "sample_message_ai" in caught.value.message
