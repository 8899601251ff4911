"""What MiniMax's doors read: everything that the shared reading takes, by their own defaults."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.minimax import MinimaxChatAdapter, MinimaxNativeAdapter
from maxserve.chat import InvalidRequest, Request

ARRIVAL = RequestContext("0" * 24, 1780336093)
DOORS = [MinimaxChatAdapter(), MinimaxNativeAdapter()]
HELLO: dict[str, Any] = {"model": "MiniMax-M3", "messages": [{"role": "user", "content": "Hello"}]}


def read(fields: dict[str, Any], adapter: MinimaxChatAdapter = DOORS[0]) -> Request:
    return adapter.read(json.dumps(HELLO | fields).encode(), ARRIVAL).request


@pytest.mark.parametrize("adapter", DOORS)
def test_defaults(adapter: MinimaxChatAdapter) -> None:
    asked = adapter.read(json.dumps(HELLO).encode(), ARRIVAL)
    assert asked.adapter is adapter
    assert not asked.split, "thoughts are in the content"
    assert asked.request.thinking == "adaptive"
    assert asked.request.mask is None


@pytest.mark.parametrize(
    ("fields", "thinking"),
    [
        ({"thinking": {"type": "disabled"}}, "disabled"),
        ({"reasoning": "disabled"}, "disabled"),
        ({"reasoning": {"enabled": False}}, "disabled"),
        ({"reasoning_effort": "high"}, "enabled"),
    ],
)
def test_thinking(fields: dict[str, Any], thinking: str) -> None:
    assert read(fields).thinking == thinking


def test_thinking_is_no_boolean() -> None:
    with pytest.raises(InvalidRequest, match="'thinking' must be an object or null, not a boolean") as caught:
        read({"thinking": False})
    assert caught.value.param == "thinking"


@pytest.mark.parametrize("tier", ["standard", "priority", "auto", "default", None])
def test_service_tiers(tier: str | None) -> None:
    read({"service_tier": tier})


def test_another_service_tier_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="service_tier must be standard or priority, not 'gold'"):
        read({"service_tier": "gold"})


def test_what_the_service_ignores_is_read() -> None:
    asked = read(
        {
            "n": 2,
            "stop": ["x"],
            "seed": 7,
            "presence_penalty": 1,
            "logprobs": True,
            "response_format": {"type": "json_object"},
            "mask_sensitive_info": True,
        }
    )
    assert (asked.n, asked.stop, asked.sampling.seed, asked.sampling.presence_penalty) == (2, ("x",), 7, 1)
    assert (asked.logprobs, asked.mask) == (0, True)


def test_a_system_message_may_have_a_name_only() -> None:
    system, user = read(
        {"messages": [{"role": "system", "name": "MiniMax AI"}, {"role": "user", "name": "Ann", "content": "hello"}]}
    ).messages
    assert (system.name, system.content) == ("MiniMax AI", "")
    assert (user.name, user.content) == ("Ann", "hello")
