"""Completions bodies become raw requests, or errors that name the field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.completions import CompletionsAdapter
from maxserve.chat import Error, InvalidRequest, RawRequest, Sampling, Unsupported

ARRIVAL = RequestContext("0" * 24, 1, key="abc")
DOOR = CompletionsAdapter()


def read(**fields: Any) -> RawRequest:
    body = {"model": "minimax/m2.7", "prompt": "Once", **fields}
    return DOOR.read(json.dumps(body).encode(), ARRIVAL).request


def test_what_a_request_leaves_out() -> None:
    assert read() == RawRequest(model="minimax/m2.7", prompts=("Once",), max_tokens=16, key="abc")


def test_every_field() -> None:
    body = {
        "model": "m", "prompt": ["a", "b"], "max_tokens": 5, "temperature": 0.5, "top_p": 0.9, "top_k": 3,
        "min_p": 0.1, "n": 2, "best_of": 2, "stop": "X", "seed": -3, "frequency_penalty": 1, "presence_penalty": -1,
        "echo": True, "suffix": "", "logit_bias": {}, "user": "u", "mask_sensitive_info": True, "stream": True,
        "stream_options": {"include_usage": True}, "something": "else",
    }  # fmt: skip
    asked = DOOR.read(json.dumps(body).encode(), ARRIVAL)
    assert (asked.stream, asked.include_usage) == (True, True)
    assert asked.request == RawRequest(
        model="m",
        prompts=("a", "b"),
        echo=True,
        sampling=Sampling(0.5, 0.9, 3, 0.1, -3, 1, -1),
        max_tokens=5,
        stop=("X",),
        n=2,
        mask=True,
        key="abc",
        user="u",
    )
    assert asked.request.results == 4


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("text", ("text",)),
        (["one", "two"], ("one", "two")),
        ([1, 2, 3], ((1, 2, 3),)),
        ([[1], [2, 3]], ((1,), (2, 3))),
        ("]~b]user\n<think>", ("]~b]user\n<think>",)),
    ],
)
def test_prompts(prompt: Any, prompts: tuple[Any, ...]) -> None:
    assert read(prompt=prompt).prompts == prompts


def test_null_is_absent() -> None:
    names = (
        "max_tokens temperature top_p top_k min_p n best_of stop seed frequency_penalty presence_penalty echo logprobs"
        " suffix logit_bias user stream stream_options mask_sensitive_info"
    )
    assert read(**dict.fromkeys(names.split())) == read()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": ["a", ""]}, "prompt[1]"),
        ({"prompt": ["a", 1]}, "prompt[1]"),
        ({"prompt": ["a", [1]]}, "prompt[1]"),
        ({"prompt": [1, "a"]}, "prompt"),
        ({"prompt": [[1], []]}, "prompt[1]"),
        ({"prompt": [-1]}, "prompt"),
        ({"prompt": [[2**31]]}, "prompt[0]"),
        ({"prompt": [True]}, "prompt[0]"),
        ({"model": ""}, "model"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"temperature": 2.1}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"top_k": -1}, "top_k"),
        ({"min_p": 2}, "min_p"),
        ({"n": 0}, "n"),
        ({"seed": 2**63}, "seed"),
        ({"logprobs": 6}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"frequency_penalty": 3}, "frequency_penalty"),
        ({"presence_penalty": -3}, "presence_penalty"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"echo": "yes"}, "echo"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 2}, "best_of"),
        ({"n": 2, "best_of": 1}, "best_of"),
        ({"logit_bias": {"5": 1}}, "logit_bias"),
        ({"echo": True, "logprobs": 0}, "logprobs"),
    ],
)
def test_a_wish_that_cannot_be_honoured_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read(**fields)
    assert caught.value.param == param


def test_echo_with_logprobs_names_both() -> None:
    with pytest.raises(Unsupported, match=r"^echo and logprobs "):
        read(echo=True, logprobs=2)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"model": "m"}'])
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(Error) as caught:
        DOOR.read(body, ARRIVAL)
    assert DOOR.error(caught.value, ARRIVAL)[0] == 400
