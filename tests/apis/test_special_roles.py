"""MiniMax's special roles and `name` mean the same behind every chat door (docs/wire/minimax.md §1.4, §13)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudsway import CloudswayChatAdapter
from maxserve.apis.openai_chat import ChatAdapter, OpenAIChatAdapter
from maxserve.chat import InvalidRequest, Message, RequestError, TextPart, Unsupported

DOORS: list[ChatAdapter] = [OpenAIChatAdapter(), CloudswayChatAdapter()]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
HELLO = {"role": "user", "content": "hello"}


@pytest.fixture(params=DOORS, ids=lambda adapter: type(adapter).__name__)
def adapter(request: pytest.FixtureRequest) -> ChatAdapter:
    made: ChatAdapter = request.param
    return made


def read(adapter: ChatAdapter, *messages: Any) -> tuple[Message, ...]:
    body = {"model": "MiniMax-M2.7", "messages": messages}
    return adapter.read(json.dumps(body).encode(), RequestContext("0" * 24, 0)).request.messages


def test_every_special_role_with_name_and_content(adapter: ChatAdapter) -> None:
    roles = ("system", "user_system", "group", "sample_message_user", "sample_message_ai", "user")
    sent = [{"role": role, "name": f"n{i}", "content": f"c{i}"} for i, role in enumerate(roles)]
    assert [(m.role, m.name, m.content) for m in read(adapter, *sent)] == [
        (role, f"n{i}", f"c{i}") for i, role in enumerate(roles)
    ]


def test_content_as_an_array_of_text(adapter: ChatAdapter) -> None:
    part = {"type": "text", "text": "a tavern"}
    message, _ = read(adapter, {"role": "group", "content": [part, part]}, HELLO)
    assert message.content == (TextPart("a tavern"), TextPart("a tavern"))


@pytest.mark.parametrize("role", ["system", "user_system", "group"])
@pytest.mark.parametrize("content", [..., None, []])
def test_a_name_alone_is_enough_where_it_tells_something(adapter: ChatAdapter, role: str, content: Any) -> None:
    sent = {"role": role, "name": "MiniMax AI"} | ({} if content is ... else {"content": content})
    message, _ = read(adapter, sent, HELLO)
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
def test_content_is_required_where_nothing_else_is_said(
    adapter: ChatAdapter, role: str, name: Any, content: Any
) -> None:
    sent = {"role": role, "name": name} | ({} if content is ... else {"content": content})
    with pytest.raises(InvalidRequest, match=r"'messages\[1\]\.content' is required") as caught:
        read(adapter, HELLO, sent)
    assert caught.value.param == "messages[1].content"
    assert role in caught.value.message


def test_an_empty_text_is_a_text(adapter: ChatAdapter) -> None:
    assert [message.content for message in read(adapter, {"role": "user", "content": ""})] == [""]


@pytest.mark.parametrize("role", ["system", "user_system", "group", "sample_message_user", "sample_message_ai"])
def test_only_text_can_be_told(adapter: ChatAdapter, role: str) -> None:
    with pytest.raises(Unsupported, match=f"role {role} can hold text only") as caught:
        read(adapter, {"role": role, "name": "x", "content": [{"type": "text", "text": "see"}, IMAGE]}, HELLO)
    assert caught.value.param == "messages[0].content[1]"
    with pytest.raises(RequestError, match=r"messages\[0\]\.content\[0\]: parts of type 'input_audio'"):
        read(adapter, {"role": role, "content": [{"type": "input_audio", "input_audio": {}}]}, HELLO)


def test_an_unknown_role_is_refused_by_name(adapter: ChatAdapter) -> None:
    with pytest.raises(InvalidRequest, match="not 'narrator'") as caught:
        read(adapter, {"role": "narrator", "content": "x"})
    assert caught.value.param == "messages[0].role"
    assert "sample_message_ai" in caught.value.message
